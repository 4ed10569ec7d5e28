import type { DeliveryStatus } from '../../types';

export type Resource = { id: number; title: string; subtitle: string; office: string; house: string | null };
export type Visit = {
  id: string;
  code: string;
  status: 'booked' | 'checked-in' | 'served' | 'no-show' | 'stopped';
  state: string;
  startsAt: string;
  endsAt: string;
  person: string;
  phone: string;
  queueNumber: number | null;
  calledAt: string | null;
  news: { status: DeliveryStatus; reason: string | null } | null;
};
