export type Role = 'clerk' | 'dispatcher' | 'operator' | 'reviewer' | 'supervisor' | 'auditor' | 'security' | 'admin';

export type FactorState = 'on' | 'off' | 'needed';
export type Me = {
  username: string;
  name: string;
  organisation: string;
  roles: Role[];
  secondFactor: FactorState;
  passwordGiven: boolean;
};
export type SecondFactor = { state: FactorState; required: boolean; recoveryCodesLeft: number };
export type ConsoleSession = {
  id: string;
  startedAt: string;
  usedAt: string;
  address: string;
  agent: string;
  current: boolean;
};
export type SignInAlarm = {
  id: string;
  at: string;
  action: 'session.lock' | 'session.lock-address' | 'session.reuse';
  subject: string;
  address: string | null;
};
export type SignInInfo = { demo: { password: string | null; people: { username: string; title: string }[] } | null };

export type Page<T> = { items: T[]; next: string | null };

export type Mode = 'plain' | 'compat' | 'safe';
export type Account = {
  key: string;
  title: string;
  organisation: string;
  appid: string;
  originalId: string;
  mode: Mode;
  callbackUrl: string;
  rotating: boolean;
  fault: string | null;
  freshnessSeconds: number | null;
  noticeTemplates: Record<string, unknown>;
};
export type NoticeKind = { kind: string; service: string; title: string; fields: string[] };
export type Scene = { scene: string; kind: 'service' | 'text'; title: string; effect: string };
export type SceneCode = { address: string; image: string; expiresAt: string | null; effect: string };
export type Accounts = { accounts: Account[]; disabled: { key: string; title: string; at: string }[] };
export type OrganisationKind = 'city' | 'district' | 'street' | 'community' | 'bureau' | 'hospital' | 'department';
export type Organisation = {
  key: string;
  title: string;
  kind: OrganisationKind;
  depth: number;
  parent: string | null;
  disabled: boolean;
  staff: number;
};
type Place = { key: string; title: string };
export type Person = {
  username: string;
  name: string;
  organisation: Place;
  roles: { role: Role; organisation: Place | null }[];
  disabled: boolean;
  secondFactor: boolean;
  passwordGiven: boolean;
  lockedUntil: string | null;
  lastUsedAt: string | null;
};
export type PersonSession = { startedAt: string; usedAt: string; address: string; agent: string };
export type SignInRules = {
  secondFactor: 'off' | 'required' | 'everyone';
  lockAfterFailures: number;
  lockAddressAfterFailures: number;
  lockWindowMinutes: number;
  lockMinutes: number;
};
export type Notification = {
  id: string;
  at: string;
  kind: 'assigned' | 'added' | 'due-soon' | 'overdue' | 'escalated' | 'mention' | 'safety';
  title: string;
  link: string;
  read: boolean;
};
export type TestStep = { title: string; ok: boolean; message: string };

export type Conversation = {
  openid: string;
  at: string;
  preview: string;
  following: boolean;
  failed: boolean;
  waiting: number;
};

export type Bubble = {
  from: 'citizen' | 'account';
  kind: 'text' | 'event' | 'attachment' | 'news' | 'hidden';
  text: string;
  link: string | null;
  articles: { title: string; description: string; link: string | null }[];
};

export type ThreadItem =
  | {
      kind: 'callback';
      id: string;
      at: string;
      bubbles: Bubble[];
      handledBy: string | null;
      handledByTitle: string | null;
      status: 'answered' | 'late' | 'failed';
      personal: boolean;
    }
  | { kind: 'delivery'; at: string; delivery: Delivery };

export type DeliveryStatus = 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'waiting';
export type Delivery = {
  id: string;
  at: string;
  openid: string;
  source: string;
  sourceTitle: string;
  status: DeliveryStatus;
  channel: string | null;
  text: string;
  personal: boolean;
  reasonCode: string | null;
  reason: string | null;
  attempts: number;
  nextAt: string | null;
  finishedAt: string | null;
};

export type MenuLeaf = { name: string; type?: string; value?: string; opens?: string };
export type MenuButton = MenuLeaf & { children: MenuLeaf[] };
export type Menus = { planned: MenuButton[]; published: MenuButton[] | null; problem: string | null };

export type Override = { body: string; at: string; by: string | null };
export type Template = {
  key: string;
  kind: string;
  title: string;
  variables: { name: string; meaning: string }[];
  body: string;
  override: Override | null;
  inherited: Override | null;
};

export type AutoReplyRule = {
  id: number;
  match: 'word' | 'contains' | 'regex';
  pattern: string;
  urgent: boolean;
  textKey: string | null;
  body: string | null;
  text: string;
};

export type AuditEntry = {
  id: string;
  at: string;
  staff: string | null;
  organisation: string | null;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  address: string | null;
};

export type Health = { at: string; ready: boolean; parts: { name: string; ok: boolean; message: string }[] };

export type ApiKey = {
  id: string;
  title: string;
  service: string;
  target: string;
  targetTitle: string | null;
  organisation: string;
  madeBy: string;
  madeAt: string;
  usedAt: string | null;
  revokedAt: string | null;
};
export type ApiKeyTarget = { service: string; serviceTitle: string; target: string; title: string };
