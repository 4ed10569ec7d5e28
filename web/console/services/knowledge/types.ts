export type Status = 'draft' | 'submitted' | 'returned' | 'published' | 'withdrawn';
export type Row = {
  id: string;
  question: string;
  organisation: { id: number; title: string };
  status: Status;
  live: boolean;
  demo: boolean;
  changedAt: string;
  changedBy: string | null;
};
export type Field = 'question' | 'answer' | 'aliases';
export type Finding = {
  field: Field;
  index: number;
  kind: string;
  title: string;
  text: string;
  start: number;
  end: number;
  cleared: boolean;
};
export type Content = {
  question: string;
  answer: string;
  aliases: string[];
  basis: 'agreed' | 'generalised' | null;
  cleared: string[];
};
export type Version = {
  version: number;
  outcome: 'approved' | 'returned' | 'void' | null;
  submittedBy: string | null;
  submittedAt: string;
  reviewedBy: string | null;
  reviewedAt: string | null;
  note: string;
};
export type Entry = Row & {
  content: Content;
  version: number;
  edit: number;
  hash: string;
  origin: string | null;
  agreed: boolean;
  findings: Finding[];
  verdicts: { solved: number; unsolved: number };
  before: Content | null;
  versions: Version[];
  can: { write: boolean; review: boolean };
};
