import type { ServiceDeps } from '../../../dialogue/service';
import { elapsed, shanghai } from '../../../platform/clock';
import { mask } from '../../../platform/field-encryption';
import { sourceLimitMillis } from '../within';
import { told } from '../wording';
import { readAnswer } from './answer';
import { askOnce, fits, type Question, rawsOf, requestFor } from './ask';
import type { Description } from './description';
import type { Answer } from './exchange';
import { RemoteFault } from './fault';
import { mapCase, ownerOf } from './map';
import type { Outgoing } from './request';
import { shapeOf, structureOf, veiled } from './shape';

/** What staff see of it; more is no help. */
const mostShown = 4000;

export type Tried = {
  request: { method: string; url: string; headers: Record<string, string>; body: string };
  status: number | null;
  ms: number;
  raw: string;
  /** why nothing usable came */
  fault: string | null;
  /** `matches` is null where it is not said */
  cases: { number: string; title: string; state: string; steps: string[]; matches: boolean | null; faults: string[] }[];
};

/**
 * Asks once by number, and shows all of the way from the request to the case in our words. Personal numbers are masked; `sees` the
 * structure alone: all that a citizen's case says is masked, and whether it is theirs is not told.
 */
export async function tryDescription(
  description: Description,
  secret: string,
  question: Extract<Question, { number: string }>,
  sees: 'contents' | 'structure',
  { settings, clock }: Pick<ServiceDeps, 'settings' | 'clock'>,
): Promise<Tried> {
  const show = (text: string) => (sees === 'contents' ? text : shapeOf(text));
  const tell = (faults: string[]) => (sees === 'contents' ? faults : faults.map(veiled));
  const remote = { id: 0, key: '', description, secret };
  const request = requestFor(remote, question, { clock })!;
  const started = elapsed();
  const seen: { answer?: Answer; fault: string | null; cases: Tried['cases'] } = { fault: null, cases: [] };
  try {
    seen.answer = await askOnce(request, AbortSignal.timeout(sourceLimitMillis), { settings });
    const raws = rawsOf(readAnswer(seen.answer, description), question, description);
    if (raws.length === 0) seen.fault = '后台说没有这件；如果应该有，请核对 cases 和 result 的路径';
    seen.cases = raws.slice(0, 20).map((raw) => {
      const owner = ownerOf(raw, description);
      const mapped = mapCase(raw, 0, description, { settings, clock });
      const matches = sees === 'contents' ? fits(question, owner, description) : null;
      if (!('one' in mapped))
        return {
          number: show(owner.number ?? ''),
          title: '',
          state: '',
          steps: [],
          matches,
          faults: tell(mapped.faults),
        };
      const { number, title, state, steps } = told(mapped.one);
      const lines = steps.map((step) => show([shanghai(step.at), step.title, step.note].filter(Boolean).join(' ')));
      return { number: show(number), title, state: show(state), steps: lines, matches, faults: tell(mapped.unknown) };
    });
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    seen.fault = error.message;
  }
  const written = seen.answer ? readable(seen.answer, description) : '';
  const hide = (text: string) => hidden(secret ? text.replaceAll(secret, '••••••') : text);
  return {
    request: shownRequest(request, description, hide),
    status: seen.answer?.status ?? null,
    ms: Math.round(elapsed() - started),
    raw: hide(sees === 'contents' ? written : structureOf(written, description.format)).slice(0, mostShown),
    fault: seen.fault,
    cases: seen.cases,
  };
}

function shownRequest(
  { method, url, headers, body }: Outgoing,
  { auth }: Description,
  hide: (text: string) => string,
): Tried['request'] {
  const named = { header: 'name' in auth ? auth.name : '', hmac: 'headers' in auth ? auth.headers.signature : '' };
  const secret = (auth.kind === 'header' || auth.kind === 'hmac' ? named[auth.kind] : 'authorization').toLowerCase();
  const shown = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    name === secret ? value.replace(/^(Bearer |Basic )?.*$/, '$1••••••') : value,
  ]);
  return { method, url: hide(url.href), headers: Object.fromEntries(shown), body: hide(body ?? '') };
}

/** As text, however broken: staff have to see what came. */
function readable({ bytes, contentType }: Answer, { charset }: Description): string {
  const gbk =
    charset === 'gb18030' || /gb/i.test(contentType) || /encoding=["']gb/i.test(bytes.toString('latin1', 0, 200));
  return new TextDecoder(gbk ? 'gb18030' : 'utf-8').decode(bytes.subarray(0, mostShown * 4));
}

/** Whoever sets this up needs the form of an answer, and nobody's number. */
const hidden = (text: string): string => text.replace(/(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{15})(?!\d)/g, mask);
