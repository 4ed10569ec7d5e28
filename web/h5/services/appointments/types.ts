export type Office = { id: number; title: string; house: string | null };
export type DayState = { day: string; free: number; state: 'free' | 'full' | 'over' | 'stopped' | 'not-open' | 'none' };
export type OfficeDays = { title: string; house: string | null; days: DayState[] };
export type Slot = {
  id: string;
  startsAt: string;
  endsAt: string;
  free: number;
  status: 'open' | 'stopped';
  opensAt: string;
};
export type Resource = {
  id: number;
  kind: 'doctor' | 'clinic' | 'counter';
  title: string;
  subtitle: string;
  note: string;
  place: string;
  holdMinutes: number;
  slots: Slot[];
};
export type Booking = {
  id: string;
  code: string;
  status: 'offered' | 'held' | 'booked' | 'checked-in' | 'served' | 'no-show' | 'cancelled' | 'expired' | 'stopped';
  state: string;
  what: string;
  where: string;
  person: string;
  officeId: number;
  startsAt: string;
  endsAt: string;
  until: string | null;
  cancelUntil: string;
  canChange: boolean;
  queueNumber: number | null;
};
export type NoShow = {
  state: 'none' | 'open' | 'accepted' | 'rejected' | 'forgiven';
  countsUntil: string;
  reason: string;
  decision: string | null;
  against: string | null;
};
export type MyLine = {
  id: string;
  day: string;
  status: 'waiting' | 'offered';
  place: number;
  what: string;
  where: string;
  person: string;
  appointmentId: string | null;
  until: string | null;
};
export type Ticket = Booking & { qr: string };
/** In line instead of a place; `waiting` until it is decided. */
export type Queued = {
  queue: string;
  state: 'waiting' | 'served' | 'over' | 'refused' | 'left';
  message: string;
  askAgainSeconds: number;
};
