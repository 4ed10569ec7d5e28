export type Status = 'open' | 'answered' | 'closed';

export type Listed = {
  number: string;
  status: Status;
  askedAt: string;
  excerpt: string;
  organisation: string | null;
  replied: boolean;
};
export type Mine = { items: Listed[]; next: string | null };

export type Asked = {
  number: string;
  status: Status;
  askedAt: string;
  organisation: string | null;
  messages: {
    id: string;
    at: string;
    from: 'citizen' | 'department';
    text: string;
    images: string[];
    awaited: number;
    lost: number;
  }[];
  place: string | null;
  canRate: boolean;
  canSupplement: boolean;
  solved: boolean | null;
  satisfied: number | null;
};

export type Known = { title: string; text: string; link: string | null };
export type Place = { label: string; latitude?: number; longitude?: number };

export type AskForm = { departments: { id: number; title: string }[]; left: number };
