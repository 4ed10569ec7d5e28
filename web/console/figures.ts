/** What pages of figures share; see src/dialogue/figures. */
export type Asked = { organisation: number; from: string; to: string };
export type Exported = {
  id: string;
  fileName: string;
  status: 'waiting' | 'running' | 'done' | 'failed';
  done: number;
  total: number | null;
  expiresAt: string;
};

export const percent = (share: number | null) => (share === null ? '—' : `${Math.round(share * 1000) / 10}%`);
