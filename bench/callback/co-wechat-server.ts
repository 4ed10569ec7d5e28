import wechat from 'co-wechat';
import Koa from 'koa';
import { account } from './account';

// co-wechat as its readme shows it: says back what was said, stores nothing, knows no repeat.
const { token, appid, aesKey } = account;
const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.path === '/readyz') ctx.body = 'ready';
  else await next();
});
app.use(
  wechat({ token, appid, encodingAESKey: aesKey }).middleware(
    async ({ Content, EventKey }) => Content ?? EventKey ?? '',
  ),
);
app.listen(Number(process.env.PORT), '127.0.0.1');
