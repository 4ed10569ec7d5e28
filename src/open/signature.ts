import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import type { Clock } from '../platform/clock';
import { UserError } from '../platform/errors';

/** How far a caller's clock may be from ours. */
export const skewMillis = 5 * 60_000;

/** What stands in the head of each request. */
export const headers = {
  key: 'X-Weiban-Key',
  timestamp: 'X-Weiban-Timestamp',
  signature: 'X-Weiban-Signature',
  idempotencyKey: 'Idempotency-Key',
} as const;

export type Signed = { keyId: string; timestamp: string; signature: string; idempotencyKey: string };

const forms: Record<keyof typeof headers, [RegExp, string]> = {
  key: [/^wk_[0-9a-f]{24}$/, '密钥编号，形如 wk_ 加 24 位十六进制，在工作台「接口密钥」里'],
  timestamp: [/^\d{10}$/, '现在的 Unix 时间，以秒计，10 位数字'],
  signature: [/^[0-9a-f]{64}$/, '签名，64 位小写十六进制'],
  idempotencyKey: [/^[\w.:-]{8,64}$/, '这一次请求的标识，8 到 64 位字母、数字或 _ . : -；重发时不变，换了内容要换'],
};

/** @throws UserError 401 that names each header that is missing or malformed */
export function readSigned(ctx: Context): Signed {
  const fields: Record<string, string> = {};
  const read = (name: keyof typeof headers) => {
    const given = ctx.get(headers[name]);
    const [form, expected] = forms[name];
    if (!form.test(given)) fields[headers[name]] = `${given === '' ? '缺少' : '格式不对'}：应为${expected}`;
    return given;
  };
  const signed = {
    keyId: read('key'),
    timestamp: read('timestamp'),
    signature: read('signature'),
    idempotencyKey: read('idempotencyKey'),
  };
  if (Object.keys(fields).length > 0) throw new UserError(401, 'not-signed', '请求没有按要求签名', fields);
  return signed;
}

/** @throws UserError 401 with our time */
export function checkTime({ timestamp }: Signed, clock: Clock): void {
  const now = clock.millis();
  if (Math.abs(now - Number(timestamp) * 1000) > skewMillis)
    throw new UserError(401, 'clock-skew', '时间戳与服务器相差超过 5 分钟，请校准时钟后重新签名', {
      [headers.timestamp]: `服务器现在是 ${Math.floor(now / 1000)}`,
    });
}

/** @throws UserError 401 with what of it can be compared */
export function checkSignature(ctx: Context, signed: Signed, bodyHash: string, secret: string): void {
  const expected = createHmac('sha256', secret)
    .update(textToSign(ctx, signed, bodyHash))
    .digest();
  if (timingSafeEqual(expected, Buffer.from(signed.signature, 'hex'))) return;
  throw new UserError(401, 'bad-signature', '签名不对：密钥、签名用的文字，总有一样与服务器的不同', {
    [headers.signature]: `签名用的文字应为六行：v1、${ctx.method}、${ctx.originalUrl}、${signed.timestamp}、${signed.idempotencyKey}、${bodyHash}（收到的内容的 SHA-256）`,
  });
}

/** Everything that must not be changed on the way, a line each. */
const textToSign = (ctx: Context, { timestamp, idempotencyKey }: Signed, bodyHash: string): string =>
  ['v1', ctx.method, ctx.originalUrl, timestamp, idempotencyKey, bodyHash].join('\n');

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
