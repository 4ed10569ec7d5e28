export type Listed = { key: string; title: string; summary: string; office: string; officeKey: string };
export type MatterList = { matters: Listed[]; next: number | null };
export type Office = { key: string; title: string; organisation: string; matters: number };
export type Overview = {
  demo: boolean;
  count: number;
  offices: Office[];
  hot: Listed[];
  faq: { question: string; answer: string; matter: string | null }[];
};
export type Matter = {
  key: string;
  title: string;
  organisation: string;
  office: string;
  officeKey: string;
  summary: string;
  materials: { name: string; note?: string; copies?: number }[];
  where: { name: string; address: string; phone?: string; hours?: string }[];
  hours: string;
  who: string;
  fee: string;
  duration: string;
  steps: string[];
  online?: string;
  notes: string[];
  updated: string;
  demo: boolean;
};
