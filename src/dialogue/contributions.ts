import type { Citizen } from '../people/citizen';
import type { Staff } from '../people/staff';
import type { Queryable, Tx } from '../platform/database';
import type { Live } from '../platform/live';
import type { PersonalData } from './privacy/personal-data';
import type { Said } from './said';
import type { Offer, ServiceContext, ServiceDeps } from './service';

/**
 * All that services may give to each other, by name. A service that is not installed contributes nothing, and nobody
 * who asks has to know.
 */
export type Contributions = {
  /** Hits for a free text, best first. Scores are between 0 and 1 and comparable across services; 1 is what was meant for certain. */
  answers: (text: string, ctx: ServiceContext) => Promise<Hit[]>;
  /** What a picture or a place may be for, that comes while nothing has been asked for. */
  media: (said: Media, ctx: ServiceContext) => Promise<Hit[]>;
  /** What a person has under way, newest first. */
  cases: (ctx: ServiceContext) => Promise<CaseUnderWay[]>;
  /** How busy the counters of an organisation and all below it are now. Asked often, so it is cheap, and seconds old at most. */
  load: (organisationId: number, deps: ServiceDeps) => Promise<CounterLoad[]>;
  /** What a citizen is in line for today, the next first. */
  turns: (citizen: Citizen, deps: ServiceDeps) => Promise<Turn[]>;
  /** The way to a person, for whom nothing that is known has helped; with what it is about, and whom to ask, where that is known. */
  ask: (ctx: ServiceContext, about?: { text: string; organisationId?: number }) => Offer;
  /** Where something that a clerk wants to make known comes from; undefined for what is not this service's, or not the clerk's to see. */
  origin: (reference: string, caller: Staff, deps: ServiceDeps) => Promise<Origin | undefined>;
  /** What an organisation has under way, in words; while there is any it cannot be disabled. */
  held: (tx: Tx, organisationId: number) => Promise<string | undefined>;
  /** A delivery has arrived, failed, or waits: whoever shows it is told, in the same transaction. */
  fate: (on: Queryable, deliveryId: string, deps: { live: Live }) => Promise<void>;
  /** What it has of a citizen: their copy of it, and its deletion. */
  personal: PersonalData;
};

export type Media = Extract<Said, { kind: 'image' | 'location' }>;
export type Hit = Offer & {
  score: number;
  /** so much better than what else this service knows that it may open at once */
  stands?: boolean;
  /** the short answer, for a clerk to send */
  text?: string;
};
/** `agreed`: the citizen lets the public have it. */
export type Origin = { organisationId: number | null; agreed: boolean };
export type CaseUnderWay = { service: string; number: string; title: string; state: string; at: Date; open?: Offer };
/** A counter, a clinic or a doctor. What is not known is null, and is never made up. */
export type CounterLoad = {
  organisation: { id: number; key: string; title: string };
  title: string;
  place: string;
  waiting: number;
  /** the numbers that are called, the last one first */
  called: number[];
  /** what a visit has taken lately */
  minutesEach: number | null;
  /** until whoever lines up now is called */
  minutesToWait: number | null;
  /** from when to when it is served today, lunch left out; none today */
  hours: { from: Date; to: Date }[];
  /** when it is served next, on this or another day, as far as that is planned */
  next: Date | null;
};
export type Turn = {
  title: string;
  place: string;
  /** booked: has not come yet; rush: in line for a place, not at a counter */
  state: 'called' | 'waiting' | 'passed' | 'booked' | 'rush';
  number: number | null;
  ahead: number | null;
  minutesToWait: number | null;
  open: Offer;
};

export type Gathered = { [Name in keyof Contributions]: Contributions[Name][] };

export function gather(services: { contributes?: Partial<Contributions> }[]): Gathered {
  const all = <Name extends keyof Contributions>(name: Name) =>
    services.flatMap(({ contributes }) => (contributes?.[name] ? [contributes[name]] : [])) as Contributions[Name][];
  return {
    answers: all('answers'),
    media: all('media'),
    cases: all('cases'),
    load: all('load'),
    turns: all('turns'),
    ask: all('ask'),
    origin: all('origin'),
    held: all('held'),
    fate: all('fate'),
    personal: all('personal'),
  };
}

/** What all services would do with a picture or a place, best first. */
export async function usesOf(said: Media, ctx: ServiceContext): Promise<Hit[]> {
  const found = await Promise.all(ctx.deps.contributed.media.map((media) => media(said, ctx)));
  return found.flat().sort((one, other) => other.score - one.score);
}

/** What all services know about a text, best first. */
export async function answersTo(text: string, ctx: ServiceContext): Promise<Hit[]> {
  const found = await Promise.all(ctx.deps.contributed.answers.map((answers) => answers(text, ctx)));
  return found.flat().sort((one, other) => other.score - one.score);
}
