import type { Citizen } from '../../people/citizen';
import type { ConsentKind } from '../../people/identity/consents';
import type { Queryable, Tx } from '../../platform/database';
import type { ServiceDeps } from '../service';
import type { Part } from './requests';

/** One thing of a citizen's in words for them: { 时间: '2026-03-01 09:00', 事项: '…' } */
export type Row = Record<string, string>;

/** Something of theirs is in somebody's hands for seconds; the whole is done again soon after, or it would be left behind. */
export class UnderWay extends Error {}

/** What a service has of citizens: their own copy of it, and its end. */
export type PersonalData = {
  /** what the citizen calls it: 预约 */
  title: string;
  /** Everything about them, opened, newest first; at most `most`. */
  copy(citizen: Citizen, most: number, deps: ServiceDeps): Promise<Row[]>;
  /** Ends what is under way and tells the citizen, a while before `erase`. @returns how much it was */
  close?(tx: Tx, citizen: Citizen, deps: ServiceDeps): Promise<number>;
  /** Erases what may go and makes the rest nobody's: `alias` takes the openid's place. Says what stays, why and until when. */
  erase(tx: Tx, citizen: Citizen, alias: string, deps: ServiceDeps): Promise<Part[]>;
  /** What of them came from WeChat itself (pictures it still has, positions): goes when they leave. */
  forget?(tx: Tx, citizen: Citizen, deps: ServiceDeps): Promise<Part[]>;
  /** Until when somebody's document has to stay known, although nobody acts for them any more. */
  needs?(on: Queryable, personId: string, at: Date): Promise<Date | undefined>;
  /** A consent was withdrawn: what rests on it ends. */
  withdrawn?(tx: Tx, citizen: Citizen, kind: ConsentKind, deps: ServiceDeps): Promise<void>;
};
