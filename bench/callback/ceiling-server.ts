import Koa from 'koa';
import getRawBody from 'raw-body';
import { openSealed, verifySignature } from '../../src/wechat/crypto';
import { text } from '../../src/wechat/fields';
import { renderReply, sealReply } from '../../src/wechat/reply';
import { parseEnvelope, parseXml } from '../../src/wechat/xml';
import { account, secrets } from './account';

// The ceiling: Koa, our signature, scanner and writer, and nothing else. No union of messages, no dialogue, no store, no figures.
const ours = secrets();
const app = new Koa();
app.use(async (ctx) => {
  if (ctx.path === '/readyz') {
    ctx.body = 'ready';
    return;
  }
  const query = new URLSearchParams(ctx.querystring);
  const get = (name: string) => query.get(name) ?? '';
  const [timestamp, nonce, signature] = [get('timestamp'), get('nonce'), get('msg_signature')];
  const body = await getRawBody(ctx.req, {
    length: ctx.req.headers['content-length'],
    limit: 65_536,
    encoding: 'utf8',
  });
  let xml = body;
  if (signature) {
    const { encrypt } = parseEnvelope(body);
    xml = openSealed({ encrypt, signature, timestamp, nonce }, [ours], account.appid).message.toString('utf8');
  } else if (!verifySignature(get('signature'), account.token, timestamp, nonce)) {
    ctx.status = 401;
    return;
  }
  const { FromUserName, ToUserName, Content, EventKey } = parseXml(xml);
  const seconds = Math.floor(Date.now() / 1000);
  const address = { to: text(FromUserName), from: text(ToUserName), createTime: seconds };
  const reply = renderReply({ type: 'text', content: text(Content ?? EventKey) }, address);
  ctx.type = 'application/xml';
  ctx.body = signature ? sealReply(reply, { secrets: ours, appid: account.appid, timestamp: seconds }) : reply;
});
app.listen(Number(process.env.PORT), '127.0.0.1');
