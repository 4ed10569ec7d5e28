import { z } from 'zod';
import { asPage, type Copy } from '../dialogue/privacy/copy';
import { privacyPolicy } from '../dialogue/privacy/policy';
import { askFor, copyOf, type PrivacyRequest, requestsOf, withdraw } from '../dialogue/privacy/requests';
import type { Citizen } from '../people/citizen';
import { confirmingPhone } from '../people/identity/confirming-phone';
import { smsCodeContract as smsCode } from '../people/identity/entered';
import { UserError } from '../platform/errors';
import { mask } from '../platform/field-encryption';
import { FileAnswer, fileOutput } from '../platform/http/file-answer';
import { done } from './contract';
import type { H5Deps } from './deps';
import { route } from './route';
import { mustHoldPhone, sendCode } from './sms';

const time = z.iso.datetime();
const one = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, '编号有误') });
const proven = z.object({ code: smsCode.optional().describe('登记过手机号的必填，用 /privacy/codes 发的') });
const shown = z.object({
  id: z.string(),
  kind: z.enum(['export', 'erase', 'forget']).describe('副本、删除、只删来自微信的'),
  status: z.enum(['waiting', 'closing', 'done', 'withdrawn', 'failed']),
  askedAt: time,
  dueAt: time,
  doneAt: time.nullable(),
  expiresAt: time.nullable().describe('副本可以下载到什么时候'),
  result: z.array(
    z.object({
      title: z.string(),
      erased: z.number(),
      kept: z.number(),
      why: z.string().optional(),
      until: z.string().optional(),
    }),
  ),
});

/** 隐私: a copy of what is known of a citizen, and its deletion. */
export const privacyRoutes = [
  route({
    method: 'get',
    path: '/privacy',
    summary: '市民：自己申请过的副本和删除，以及规则',
    role: 'citizen',
    output: z.object({
      phone: z.string().nullable().describe('验证码会发到的手机号，已打码；没有登记过的不用验证'),
      formerUntil: time.nullable().describe('换号、解除之后，仍由原来的手机号确认到什么时候'),
      waitDays: z.number(),
      copyHours: z.number(),
      items: z.array(shown),
    }),
    handler: async ({ caller }, deps) => {
      const { eraseWaitDays, copyHours } = privacyPolicy(deps.serviceDeps.settings);
      const own = await ownPhone(caller, deps);
      const items = (await requestsOf(deps.db, caller)).map(show);
      return {
        phone: own ? mask(own.phone) : null,
        formerUntil: own?.formerUntil?.toISOString() ?? null,
        waitDays: eraseWaitDays,
        copyHours,
        items,
      };
    },
  }),
  route({
    method: 'post',
    path: '/privacy/codes',
    summary: '市民：往登记的手机号发验证码，用来确认导出、删除是本人申请的；换号、解除后 7 天内发到原来的',
    role: 'citizen',
    body: z.object({}),
    output: done,
    handler: async ({ caller, address }, deps) => {
      const own = await ownPhone(caller, deps);
      if (!own) throw new UserError(409, 'no-phone', '您没有登记手机号，不用验证');
      await sendCode(caller, own.phone, address, deps);
      return { done: true as const };
    },
  }),
  route({
    method: 'post',
    path: '/privacy/exports',
    summary: '市民：申请个人信息副本，生成后公众号会通知',
    role: 'citizen',
    body: proven,
    output: shown,
    status: 201,
    handler: async ({ caller, body }, deps) => {
      await mustBeThemselves(caller, body.code, deps);
      return show(await deps.db.transaction((tx) => askFor(tx, caller, 'export', deps.serviceDeps)));
    },
  }),
  route({
    method: 'get',
    path: '/privacy/exports/:id/page',
    summary: '市民：看自己的副本（网页）',
    role: 'citizen',
    params: one,
    output: fileOutput('text/html'),
    handler: async ({ caller, params }, deps) => {
      const copy = JSON.parse(await copyOf(deps.db, caller, params.id, deps.serviceDeps)) as Copy;
      return new FileAnswer({ bytes: Buffer.from(asPage(copy)), contentType: 'text/html' });
    },
  }),
  route({
    method: 'get',
    path: '/privacy/exports/:id/data',
    summary: '市民：下载自己的副本（JSON）',
    role: 'citizen',
    params: one,
    output: fileOutput('application/json'),
    handler: async ({ caller, params }, deps) => {
      const copy = JSON.parse(await copyOf(deps.db, caller, params.id, deps.serviceDeps)) as Copy;
      const bytes = Buffer.from(JSON.stringify(copy, null, 1));
      return new FileAnswer({ bytes, contentType: 'application/json', saveAs: '个人信息副本.json' });
    },
  }),
  route({
    method: 'post',
    path: '/privacy/deletions',
    summary: '市民：申请删除个人信息；过了等待期由后台办理，此前可以撤回',
    role: 'citizen',
    body: proven,
    output: shown,
    status: 201,
    handler: async ({ caller, body }, deps) => {
      await mustBeThemselves(caller, body.code, deps);
      return show(await deps.db.transaction((tx) => askFor(tx, caller, 'erase', deps.serviceDeps)));
    },
  }),
  route({
    method: 'post',
    path: '/privacy/deletions/:id/withdraw',
    summary: '市民：撤回删除的申请',
    role: 'citizen',
    params: one,
    body: z.object({}),
    output: shown,
    handler: async ({ caller, params }, deps) =>
      show(await deps.db.transaction((tx) => withdraw(tx, caller, params.id, deps.serviceDeps))),
  }),
];

/** A session alone (a phone left lying, a cookie taken) neither reads everything nor deletes it: the registered phone has to agree. */
async function mustBeThemselves(caller: Citizen, code: string | undefined, deps: H5Deps): Promise<void> {
  const own = await ownPhone(caller, deps);
  if (!own) return;
  const expected = '请填写发到登记手机号的验证码';
  if (!code) throw new UserError(422, 'code-needed', expected, { code: expected });
  await mustHoldPhone(caller, { phone: own.phone, code }, deps);
}

const ownPhone = (caller: Citizen, { db, clock, encryption }: H5Deps) =>
  confirmingPhone(db, caller, clock.now(), encryption);

const show = (one: PrivacyRequest): z.input<typeof shown> => ({
  id: one.id,
  kind: one.kind,
  status: one.status,
  askedAt: one.asked_at.toISOString(),
  dueAt: one.due_at.toISOString(),
  doneAt: one.done_at?.toISOString() ?? null,
  expiresAt: one.expires_at?.toISOString() ?? null,
  result: one.result,
});
