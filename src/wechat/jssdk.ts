import { hash } from 'node:crypto';

/** The signature wx.config wants for a page. The page's address counts as the browser sends it: without its `#` part. */
export function signPage(page: { ticket: string; nonce: string; timestamp: number | string; url: string }): string {
  const url = page.url.split('#', 1)[0];
  const told = `jsapi_ticket=${page.ticket}&noncestr=${page.nonce}&timestamp=${page.timestamp}&url=${url}`;
  return hash('sha1', told, 'hex');
}
