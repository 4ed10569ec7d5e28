import type { DeliveryStatus } from '../../types';

export type Resource = { id: number; title: string; subtitle: string; office: string; house: string | null };
export type Visit = {
  id: string;
  code: string;
  status: 'booked' | 'checked-in' | 'served' | 'no-show' | 'stopped';
  state: string;
  resourceId: number;
  what: string;
  startsAt: string;
  endsAt: string;
  person: string;
  phone: string;
  walkIn: boolean;
  queueNumber: number | null;
  queueRank: number | null;
  calledAt: string | null;
  calls: number;
  passedAt: string | null;
  notices: { kind: string; title: string; at: string; status: DeliveryStatus; reason: string | null }[];
};
export type Instead = 'resource' | 'office' | 'release';
export type Stop = {
  id: string;
  resource: string;
  office: string;
  from: string;
  to: string;
  half: 'morning' | 'afternoon' | null;
  reason: string;
  instead: Instead;
  at: string;
  by: string;
  left: number;
  rebooked: number;
  released: number;
  reached: number;
  underWay: number;
  notReached: number;
  toldByPhone: number;
};
export type NotReached = Visit & {
  movedTo: string | null;
  newsStatus: DeliveryStatus | null;
  newsReason: string | null;
  toldAt: string | null;
};
