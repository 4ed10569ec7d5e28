import { randomBytes } from 'node:crypto';

/** An answer of the platform that is not `ok`. Always HTTP 200, as WeChat does it. */
export class PlatformError extends Error {
  override name = 'PlatformError';
  constructor(
    readonly errcode: number,
    /** instead of, or after, the usual wording */
    readonly detail = '',
  ) {
    super(detail || meanings[errcode] || 'unknown error');
  }

  /** The body as WeChat words it, with the request id it gives for complaints. */
  body(now: Date) {
    return { errcode: this.errcode, errmsg: `${this.message} rid: ${requestId(now)}` };
  }
}

export const ok = { errcode: 0, errmsg: 'ok' };

function requestId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  const random = randomBytes(8).toString('hex');
  return `${seconds}-${random.slice(0, 8)}-${random.slice(8)}`;
}

const meanings: Record<number, string> = {
  [-1]: 'system error',
  40001: 'invalid credential, access_token is invalid or not latest',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type',
  40006: 'invalid meida size',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40016: 'invalid button size',
  40017: 'invalid button type',
  40018: 'invalid button name size',
  40019: 'invalid button key size',
  40020: 'invalid button url size',
  40022: 'invalid sub button level',
  40023: 'invalid sub button size',
  40024: 'invalid sub button type',
  40025: 'invalid sub button name size',
  40026: 'invalid sub button key size',
  40027: 'invalid sub button url size',
  40029: 'invalid code',
  40030: 'invalid refresh_token',
  40032: 'invalid openid list size',
  40035: 'invalid parameter',
  40037: 'invalid template_id',
  40052: 'invalid action name',
  40053: 'invalid action info',
  40054: 'invalid sub button url domain',
  40055: 'invalid button url domain',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40163: 'code been used',
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing',
  41008: 'missing code',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43004: 'require subscribe',
  43101: 'user refuse to accept the msg',
  44002: 'empty post data',
  44003: 'empty news data',
  44004: 'empty content',
  45001: 'media size out of limit',
  45002: 'content size out of limit',
  45003: 'title size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45015: 'response out of time limit or subscription is canceled',
  45047: 'out of response count limit',
  45056: 'too many tag now, no need to add new',
  45058: "can't modify sys tag",
  45059: 'can not tag too many tags to user',
  45072: 'invalid command',
  45080: 'can not set typing status, need interaction in 30 seconds',
  45157: 'invalid tag name',
  45158: 'tag name too long',
  45159: 'invalid tag id',
  46003: 'menu no exist',
  47001: 'data format error',
  47003: 'argument invalid!',
  48001: 'api unauthorized',
  48006: 'forbid to clear quota because of reaching the limit',
  53404: 'draft not exist',
  53600: 'article id not exist',
  65301: 'menuid not exist',
  65303: 'there is no selfmenu, please create selfmenu first',
  65304: 'match rule empty',
  65320: 'match rule invalid',
  65401: 'invalid custom service account',
};
