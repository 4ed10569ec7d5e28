import { toDataURL } from 'qrcode';
import { z } from 'zod';
import { visibleAccount } from './account-access';
import { about, params } from './account-fields';
import { route, time } from './contract';
import { trace } from './trace';

const daySeconds = 24 * 3600;
const longestDays = 30;

const scene = z
  .string()
  .regex(/^[\w!#$&'()*+,/:;=?@.~-]{1,64}$/, "场景值应为 1 到 64 个英文字母、数字或 !#$&'()*+,/:;=?@-._~");

/** QR codes to print: the scene that one carries opens a service, or greets in words of its own. */
export const qrCodeRoutes = [
  route({
    method: 'get',
    path: '/scenes',
    summary: '二维码的场景：打开服务的，和有自己的文字的',
    role: 'operator',
    output: z.object({
      items: z.array(
        z.object({
          scene: z.string(),
          kind: z.enum(['service', 'text']),
          title: z.string(),
          effect: z.string().describe('市民扫了会怎样'),
        }),
      ),
    }),
    handler: (_call, { scenes }) => ({ items: scenes.list() }),
  }),
  route({
    method: 'post',
    path: '/accounts/:key/qrcodes',
    summary: '向微信要一个带场景的二维码：长期有效（一个公众号最多 10 万个），或最多 30 天',
    role: 'operator',
    params,
    body: z.strictObject({
      scene,
      days: z
        .number()
        .int('应为整数')
        .min(1, '至少 1 天')
        .max(longestDays, `最多 ${longestDays} 天`)
        .nullable()
        .describe('有效几天；空为长期有效'),
    }),
    output: z.object({
      address: z.string().describe('二维码里写的地址'),
      image: z.string().describe('二维码图片，PNG 的 data: 地址'),
      expiresAt: time.nullable().describe('空为长期有效'),
      effect: z.string().describe('市民扫了会怎样'),
    }),
    status: 201,
    handler: async (call, deps) => {
      const { scene, days } = call.body;
      const account = await visibleAccount(call.params.key, call.caller, ['operator'], deps);
      const made = await deps.db.transaction(async (tx) => {
        await trace(tx, call, { ...about(account), action: 'account.qr-code', detail: { scene, days } }, deps);
        // Last, since it cannot be taken back: what the platform refuses leaves no trace of having been made.
        return deps.wechat.createQrCode(account.id, scene, days === null ? undefined : days * daySeconds);
      });
      return {
        address: made.url,
        // Large enough to be printed on a poster.
        image: await toDataURL(made.url, { margin: 4, width: 860, errorCorrectionLevel: 'M' }),
        expiresAt:
          made.seconds === undefined ? null : new Date(deps.clock.millis() + made.seconds * 1000).toISOString(),
        effect: deps.scenes.effect(scene),
      };
    },
  }),
];
