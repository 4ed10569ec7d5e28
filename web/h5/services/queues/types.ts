export type Served = { waiting: number; state: 'open' | 'later' | 'over' | 'none'; words: string };
export type Queues = { at: string; next: string | null; offices: ({ id: number; title: string } & Served)[] };
export type QueueOffice = {
  at: string;
  title: string;
  counters: ({ title: string; place: string; called: number[] } & Served)[];
};
export type Mine = { turns: { title: string; place: string; words: string; called: boolean }[] };
