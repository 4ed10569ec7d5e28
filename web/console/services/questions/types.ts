import type { DeliveryStatus } from '../../types';

export type Queue =
  | 'mine'
  | 'unassigned'
  | 'department'
  | 'overdue'
  | 'dispatch'
  | 'snoozed'
  | 'answered'
  | 'closed'
  | 'joint';
export type Counts = Partial<Record<Queue, number>>;
/** Whether one is at one's desk. */
export type Duty = '' | 'there' | 'away';
export type CountsNow = Counts & { now: string; onDuty: boolean };

export type Status = 'open' | 'answered' | 'closed';
export type Person = { id: number; name: string };
export type Place = { id: number; title: string };

export type QuestionRow = {
  id: string;
  number: string;
  excerpt: string;
  citizen: string;
  /** null: still with the dispatcher */
  organisation: Place | null;
  assignee: Person | null;
  status: Status;
  askedAt: string;
  lastAt: string;
  waitingSince: string | null;
  firstDueAt: string | null;
  dueAt: string | null;
  pausedAt: string | null;
  snoozedUntil: string | null;
  overdue: boolean;
  unread: number;
  priority: number;
  images: number;
  bounced: number;
  reopened: boolean;
  /** a supervisor has to decide */
  escalated: boolean;
  /** what the citizen thinks of the answer; null: has not said */
  solved: boolean | null;
  /** 1 very dissatisfied … 5 very satisfied */
  satisfied: number | null;
};

export type Message = {
  id: string;
  at: string;
  kind: 'citizen' | 'answer' | 'note' | 'event';
  staff: string | null;
  text: string;
  personal: boolean;
  /** addresses; with `?size=small` a square to preview */
  images: string[];
  /** photos that are still being fetched from WeChat, and those that could not be had */
  awaited: number;
  lost: number;
  fate: { status: DeliveryStatus; reason: string | null } | null;
  deliveryId: string | null;
};

export type Colleague = { name: string; doing: 'viewing' | 'typing' };
export type Suggestion = { title: string; text: string; key: string };
export type Earlier = { id: string; number: string; status: Status; askedAt: string; excerpt: string };

/** A department that was asked to help. */
export type Joint = {
  organisation: Place;
  reason: string;
  invitedAt: string;
  endedAt: string | null;
  outcome: 'done' | 'declined' | null;
};

/** An answer that is being written; `images` have been uploaded for it. */
export type Draft = { text: string; images: string[] };

export type Question = QuestionRow & {
  text: string;
  personal: boolean;
  version: number;
  publishable: boolean;
  place: { label: string; latitude: number | null; longitude: number | null } | null;
  grade: 'simple' | 'ordinary' | 'complex';
  extendedUntil: string | null;
  mergedInto: { id: string; number: string } | null;
  messages: Message[];
  /** of customer-service messages; null: closed, what is sent goes out as a notice or waits */
  window: { until: string; left: number } | null;
  /** whether it can go out as one at all: the account has a template */
  noticed: boolean;
  limits: { bounces: number; extensionDays: number };
  draft: Draft | null;
  others: Colleague[];
  history: Earlier[];
  joint: Joint[];
  claimable: boolean;
  /** false: one only helps here, with notes */
  leading: boolean;
  suggestions: Suggestion[];
};

export type Department = Place & { path: string; staff: (Person & { onDuty: boolean })[] };
export type Canned = { id: number; organisation: Place; title: string; body: string; used: number; mayChange: boolean };
export type Rule = {
  id: number;
  account: string | null;
  word: string | null;
  region: string | null;
  /** `disabled`: given up, so that the rule is passed over */
  organisation: Place & { disabled: boolean };
  position: number;
};
/** How a department gives questions to its people. */
export type Assignment = {
  organisationId: number;
  title: string;
  mode: 'claim' | 'assign' | 'round-robin';
  silentMinutes: number | null;
};
export type Rules = { items: Rule[]; accounts: { key: string; title: string }[] };
