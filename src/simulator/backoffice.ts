import { createHash, createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context, Middleware } from 'koa';
import { drawFault } from './faults';
import { encodeGbk } from './gbk';
import { readBody } from './request-body';
import type { Simulator } from './types';

/** What a caller has to bring: everybody can read it, as everything here. */
const token = 'demo-backoffice-token';
/** Below `signed/`, in its place: who they are, and a signature by this. */
const signer = { key: 'weiban', secret: 'demo-backoffice-secret' };
const mostBytes = 64 * 1024;
const day = 24 * 3600_000;

type MadeUp = { number: string; kind: string; document: string; code: string; steps: [state: string, days: number][] };

/** Openly made up: a region that is none. They go on as days pass by the simulator's clock. */
const cases: MadeUp[] = [
  {
    number: 'CR20260007',
    kind: 'A02',
    document: '990000199001010017',
    code: '975310',
    steps: [
      ['10', -2],
      ['20', -1],
      ['30', 3],
    ],
  },
];

/**
 * An office's back end that is none, at `/simulator/backoffice/*`: JSON for a bearer, below `signed/` the same for whoever signs, and XML
 * in GBK as older ones speak it.
 */
export function madeUpOffice(sim: Simulator): Middleware {
  return async (ctx, next) => {
    const path = /^\/simulator\/backoffice\/(.+?)\/?$/.exec(ctx.path)?.[1];
    if (!path) return next();
    const fault = await drawFault(sim, 'api', 'backoffice', undefined);
    if (fault.latency > 0) await pause(fault.latency);
    if (fault.kind === 'drop') {
      ctx.respond = false;
      ctx.req.socket.destroy();
    } else if (fault.kind) ctx.status = 503;
    else if (path === 'xml') await answerXml(sim, ctx);
    else await answerJson(sim, ctx, path);
  };
}

async function answerJson(sim: Simulator, ctx: Context, path: string): Promise<void> {
  const body = (await readBody(ctx.req, mostBytes)).toString();
  const asked = /^signed\/(.+)$/.exec(path)?.[1];
  const fault = asked
    ? signatureFault(ctx, body, sim)
    : ctx.get('authorization') === `Bearer ${token}`
      ? ''
      : '令牌不对';
  if (fault) {
    ctx.status = 401;
    ctx.body = { code: '401', msg: fault };
    return;
  }
  const number = /^cases\/(?!search$)([^/]+)$/.exec(asked ?? path)?.[1];
  const idNo = ctx.method === 'POST' ? (JSON.parse(body) as { idNo?: string }).idNo : ctx.query.idNo;
  const found = cases.filter((one) => (number ? one.number === number : one.document === idNo));
  if (number && found.length === 0) ctx.body = { code: '404', msg: '查无此件' };
  else {
    const list = await Promise.all(found.map((one) => shown(sim, one)));
    ctx.body = { code: '0', data: number ? list[0] : { list } };
  }
}

/** The four lines as an office would write them down: method, path with its query, time, hash of the body. */
function signatureFault(ctx: Context, body: string, { clock }: Simulator): string {
  const timestamp = ctx.get('x-office-timestamp');
  if (ctx.get('x-office-key') !== signer.key) return '编号不对';
  if (!(Math.abs(Number(timestamp) - clock.now().getTime() / 1000) <= 300)) return '时间相差超过 5 分钟';
  const hash = createHash('sha256').update(body).digest('hex');
  const lines = `${ctx.method}\n${ctx.originalUrl}\n${timestamp}\n${hash}`;
  const expected = createHmac('sha256', signer.secret).update(lines).digest('hex');
  return ctx.get('x-office-signature') === expected ? '' : '签名不对';
}

async function answerXml(sim: Simulator, ctx: Context): Promise<void> {
  const found = cases.find(({ number }) => number === ctx.query.bh);
  const one = found && (await shown(sim, found));
  const track = one?.track.map(({ st, tm, memo }) => `<step st="${st}"><tm>${tm}</tm><memo>${memo}</memo></step>`);
  const inner = one
    ? `<code>0</code><bjxx><bh>${one.caseNo}</bh><lx>${one.typeCode}</lx><sfzh>${one.idNo}</sfzh>${track!.join('')}</bjxx>`
    : '<code>404</code><msg>查无此件</msg>';
  ctx.set('content-type', 'text/xml');
  ctx.body = encodeGbk(`<?xml version="1.0" encoding="GB2312"?><root>${inner}</root>`);
}

async function shown({ db, clock }: Simulator, { number, kind, document, code, steps }: MadeUp) {
  const [row] = await db.query<{ first: Date }>('SELECT min(created_at) AS first FROM organisations');
  const times = steps.map(([st, days]) => ({ st, at: new Date(row!.first.getTime() + days * day) }));
  return {
    caseNo: number,
    typeCode: kind,
    idNo: document,
    queryCode: code,
    addr: '出入境大厅 2 层（演示）',
    track: times
      .filter(({ at }, index) => index === 0 || at <= clock.now())
      .map(({ st, at }) => ({ st, tm: beijing(at), memo: st === '10' ? '网上受理' : '' })),
  };
}

/** `2026-03-02 10:00:00` */
const beijing = (at: Date) => new Date(at.getTime() + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
