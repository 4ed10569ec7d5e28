import API from 'co-wechat-api';
import type { Account } from '../../people/accounts';

/** What the library asks of our own HTTP: an address below the platform's host, without token. */
export type LibraryRequest = { path: string; method: 'GET' | 'POST'; body?: string; contentType?: string };

const placeholder = 'TOKEN';
const host = 'https://platform.invalid';

/**
 * co-wechat-api for the shape of its many calls, and none of its HTTP: everything ends in `request`, which hands over to
 * ours. The library sees neither the secret nor a token, so that neither can end up in one of its errors.
 */
export class PlatformApi extends API {
  constructor(
    account: Account,
    private readonly send: (request: LibraryRequest) => Promise<unknown>,
  ) {
    super(
      account.appid,
      '',
      async () => ({ accessToken: placeholder, expireTime: Number.POSITIVE_INFINITY }),
      async () => undefined,
      true,
    );
    this.prefix = `${host}/cgi-bin/`;
    this.snsPrefix = `${host}/sns/`;
  }

  override async request(address: string, options: API.RequestOptions = {}): Promise<unknown> {
    const url = new URL(address);
    url.searchParams.delete('access_token');
    return this.send({
      path: url.pathname + url.search,
      method: options.method === 'POST' ? 'POST' : 'GET',
      body: options.data,
      contentType: options.data === undefined ? undefined : 'application/json',
    });
  }
}
