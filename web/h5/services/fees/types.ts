export type Fees = { demo: boolean; calculators: { key: string; title: string }[] };
export type Question = {
  key: string;
  text: string;
  when: Record<string, string[]>;
  options: { value: string; label: string }[];
  unit: string;
};
export type Form = { demo: boolean; title: string; basis: string; questions: Question[] };
export type Amount = { title: string; fen: number };
export type Result = { total: Amount; rest: Amount | null; lines: (Amount & { rule: string })[] };
