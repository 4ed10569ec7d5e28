/** Where the platform is: for our calls, and for what browsers and phones open. */
export type Hosts = { api: string; mp: string; open: string };

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
  const real = { api: 'https://api.weixin.qq.com', mp: 'https://mp.weixin.qq.com', open: 'https://open.weixin.qq.com' };
  if (config.wechatApiUrl) {
    // A proxy or another of Tencent's hosts stands for the API alone; a simulator elsewhere for everything.
    const all = config.wechatApiUrl;
    return all.endsWith('/simulator') ? { api: all, mp: all, open: all } : { ...real, api: all };
  }
  if (!config.simulator) return real;
  const outside = `${config.publicUrl}/simulator`;
  return { api: `http://${ownAddress(config.host)}:${config.port}/simulator`, mp: outside, open: outside };
}

function ownAddress(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
