export type Entry = { id: string; question: string; answer: string; organisation: string; demo: boolean };
export type EntryList = { entries: Entry[]; next: string | null };
