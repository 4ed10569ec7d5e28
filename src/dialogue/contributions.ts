import type { Offer, ServiceContext } from './service';

/**
 * All that services may give to each other, by name. A service that is not installed contributes nothing, and nobody
 * who asks has to know.
 */
export type Contributions = {
  /** Hits for a free text, best first. Scores are between 0 and 1 and comparable across services; 1 is what was meant for certain. */
  answers: (text: string, ctx: ServiceContext) => Promise<Hit[]>;
  /** What a person has under way, newest first. */
  cases: (ctx: ServiceContext) => Promise<CaseUnderWay[]>;
  /** How busy a place is now. */
  load: (place: string, ctx: ServiceContext) => Promise<PlaceLoad[]>;
};

export type Hit = Offer & { score: number };
export type CaseUnderWay = { service: string; number: string; title: string; state: string; at: Date; open?: Offer };
export type PlaceLoad = { place: string; waiting: number; at: Date };

export type Gathered = { [Name in keyof Contributions]: Contributions[Name][] };

export function gather(services: { contributes?: Partial<Contributions> }[]): Gathered {
  const all = <Name extends keyof Contributions>(name: Name) =>
    services.flatMap(({ contributes }) => (contributes?.[name] ? [contributes[name]] : [])) as Contributions[Name][];
  return { answers: all('answers'), cases: all('cases'), load: all('load') };
}
