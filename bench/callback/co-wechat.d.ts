declare module 'co-wechat' {
  import type { Context, Middleware } from 'koa';

  type Message = { MsgType: string; Content?: string; EventKey?: string };
  type Config = { token: string; appid: string; encodingAESKey: string };
  function wechat(config: Config): {
    middleware(handle: (message: Message, ctx: Context) => Promise<string>): Middleware;
  };
  export = wechat;
}
