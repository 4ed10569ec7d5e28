import type { z } from 'zod';
import { PlatformError } from '../errcode';
import type { SimulatedAccount, Simulator } from '../types';

/** One call of the platform's API, as its handler sees it. */
export type Call = {
  sim: Simulator;
  account: SimulatedAccount;
  query: URLSearchParams;
  /** the JSON body; undefined where there is none */
  json: unknown;
  raw: Buffer;
  contentType: string;
  /** ordered fate of a message that was accepted: `user-block`, `system-failed` */
  fate?: string;
};

export type FileAnswer = { file: Buffer; contentType: string; filename?: string };
/** A JSON answer; `textPlain` where WeChat labels its JSON so. */
export type JsonAnswer = { json: object; textPlain?: boolean };

export type Api = {
  method: 'GET' | 'POST' | 'any';
  /** calls a day and account, as the platform gives them to a certified service account */
  daily: number;
  run(call: Call): Promise<FileAnswer | JsonAnswer>;
};

/** The JSON body, checked; the platform names 47001 for what is no JSON and 40097 for what has the wrong shape. */
export function read<T>(call: Call, shape: z.ZodType<T>, errcode = 40097): T {
  if (call.raw.length === 0) throw new PlatformError(44002);
  if (call.json === undefined) throw new PlatformError(47001);
  const parsed = shape.safeParse(call.json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new PlatformError(
    errcode,
    `${new PlatformError(errcode).message} hint: ${issue.path.join('.')} ${issue.message}`,
  );
}
