/** Where the platform is: for our calls, for where browsers are sent to sign in, and for pictures that citizens send. */
export type Hosts = {
  api: string;
  open: string;
  /** whether an address is one where the platform keeps pictures; no other is ever asked for one */
  isPicture(url: URL): boolean;
};

type Where = {
  wechatApiUrl: string | undefined;
  simulator: boolean;
  host: string;
  port: number;
  /** what phones reach */
  publicUrl: string;
};

/** The real platform, unless the settings name another or the simulator is on. */
export function platformHosts(config: Where): Hosts {
  const real = {
    api: 'https://api.weixin.qq.com',
    open: 'https://open.weixin.qq.com',
    isPicture: ({ protocol, hostname, port }: URL) =>
      /^https?:$/.test(protocol) && port === '' && /(^|\.)qpic\.cn$/.test(hostname),
  };
  if (config.wechatApiUrl) {
    // A proxy or another of Tencent's hosts stands for the API alone; a simulator elsewhere for everything.
    const all = config.wechatApiUrl;
    return all.endsWith('/simulator')
      ? { api: all, open: all, isPicture: below(`${all}/media/`) }
      : { ...real, api: all };
  }
  if (!config.simulator) return real;
  const outside = `${config.publicUrl}/simulator`;
  return {
    api: `http://${ownAddress(config.host)}:${config.port}/simulator`,
    open: outside,
    isPicture: below(`${outside}/media/`),
  };
}

const below =
  (prefix: string) =>
  ({ href }: URL): boolean =>
    href.startsWith(prefix);

function ownAddress(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
