/** What is used of co-wechat-api 3.11, which brings no types. Every call of it ends in `request`, which platform-api.ts overrides. */
declare module 'co-wechat-api' {
  namespace API {
    type RequestOptions = {
      method?: string;
      data?: string;
      headers?: Record<string, string>;
    };
  }

  class API {
    constructor(
      appid: string,
      appsecret: string,
      getToken: () => Promise<{ accessToken: string; expireTime: number }>,
      saveToken: (token: unknown) => Promise<void>,
      /** never fetches a token by itself */
      tokenFromCustom: boolean,
    );
    prefix: string;
    snsPrefix: string;
    mpPrefix: string;
    request(url: string, options?: API.RequestOptions): Promise<unknown>;

    sendText(openid: string, content: string): Promise<unknown>;
    sendImage(openid: string, mediaId: string): Promise<unknown>;
    sendVoice(openid: string, mediaId: string): Promise<unknown>;
    sendMusic(openid: string, music: Record<string, string>): Promise<unknown>;
    sendNews(openid: string, articles: Record<string, string>[]): Promise<unknown>;

    createMenu(menu: { button: object[] }): Promise<unknown>;
    getMenu(): Promise<unknown>;
    removeMenu(): Promise<unknown>;

    createTmpQRCode(scene: string, seconds: number): Promise<unknown>;
    createLimitQRCode(scene: string): Promise<unknown>;
  }

  export = API;
}
