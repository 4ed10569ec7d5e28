import type { Delivery } from '../delivery/delivery';
import type { Texts } from '../delivery/texts';
import type { Account, Accounts } from '../people/accounts';
import type { ApiKey, KeyTarget } from '../people/api-keys';
import type { Citizen } from '../people/citizen';
import type { Notify } from '../people/notifications';
import type { SignOuts } from '../people/sign-outs';
import type { ConsoleRole, Staff } from '../people/staff';
import type { Cache } from '../platform/cache';
import type { Clock } from '../platform/clock';
import type { Database, Queryable, Tx } from '../platform/database';
import type { Events } from '../platform/events';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Files } from '../platform/files/files';
import { type Route, routesFor } from '../platform/http/route';
import type { JobHandler, Sweep } from '../platform/jobs';
import type { Live } from '../platform/live';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import type { Settings } from '../platform/settings';
import type { Contributions, Gathered } from './contributions';
import type { Flow } from './flow';
import type { Reply } from './message';

/** What a citizen service is given. */
export type ServiceDeps = {
  db: Database;
  clock: Clock;
  cache: Cache;
  events: Events;
  /** what open pages are told of at once */
  live: Live;
  /** pictures that citizens and staff send in */
  files: Files;
  /** the bell of particular people in the console */
  notify: Notify;
  log: Log;
  metrics: Metrics;
  settings: Settings;
  encryption: FieldEncryption;
  texts: Texts;
  delivery: Delivery;
  accounts: Pick<Accounts, 'byId'>;
  signOuts: SignOuts;
  /** a picture that a citizen sent in the chat. @throws where it may be had later */
  fetchPicture(accountId: number, picture: ChatPicture): Promise<{ bytes: Buffer } | { gone: string }>;
  /** what the services that are there give to each other */
  contributed: Gathered;
  /** what phones reach, without a trailing slash */
  publicUrl: string;
};

/** What a picture message says of its picture: the platform has it, for three days. */
export type ChatPicture = { mediaId: string; picUrl: string };

/** Who is chatting, for a handler that only reads. */
export type ServiceContext = {
  deps: ServiceDeps;
  account: Account;
  openid: string;
  at: Date;
};

/** For a handler that writes: what it does through `tx` commits with the message and the session, or not at all. */
export type WritingContext = ServiceContext & { tx: Tx };

/** Something a citizen can choose next by its number; unlike a flow's question it does not hold them. */
export type Offer = {
  label: string /** opener, e.g. `guides.matter` */;
  key: string;
  args?: Record<string, string>;
} & {
  /** to questions of a flow, where an answer is more than a text */
  answers?: Record<string, unknown>;
};

/** A service that hands out the same list to many freezes it, and spares everyone after it the rendering. */
export type Opened = { reply: string | Reply; offers?: Offer[] };
/** Answers at once, without questions. Only reads. */
export type Opener = (args: Record<string, string>, ctx: ServiceContext) => Opened | Promise<Opened>;
/** Leads on to another way in, with what it has found out. Only reads. */
export type Guide = (args: Record<string, string>, ctx: ServiceContext) => { goTo: Offer } | Promise<{ goTo: Offer }>;

/** One way into a service. `key` is `<service>` or `<service>.<name>`, and is what a menu button carries. */
export type Opening = {
  key: string;
  start: Flow | Opener | Guide;
  /** words that open it when they are all that was said */
  keywords?: string[];
  /** scenes of QR codes that open it */
  scenes?: string[];
};

export type Service = {
  /** the folder's name */
  key: string;
  kind: 'do' | 'query' | 'ask';
  title: string;
  opens: Opening[];
  jobs?: (deps: ServiceDeps) => { handlers?: Record<string, JobHandler>; sweeps?: Sweep[] };
  /** served below /api/console/services/<key>; each names its roles */
  staffRoutes?: readonly StaffRoute[];
  /** served below /api/h5 */
  citizenRoutes?: readonly CitizenRoute[];
  /** served below /api/open, for back-office programs with a key of this service */
  openRoutes?: readonly OpenRoute[];
  /** what such a key can be for, of the organisations whose paths are like these */
  keyTargets?: (on: Queryable, paths: readonly string[]) => Promise<KeyTarget[]>;
  /** what it sends notices of, by the name under which an account's settings say with which of WeChat's templates */
  notices?: Record<string, NoticeKind>;
  contributes?: Partial<Contributions>;
  /** openly made-up data, loaded once where the simulator is on */
  demo?: (deps: ServiceDeps) => Promise<void>;
};

/** What operators see of a kind of notice where they choose its template: its name, and the labels of its values, some of them not always there. */
export type NoticeKind = { title: string; fields: readonly string[] };

/** The builder of a service's routes for staff, and what it makes. Each names its role, or does not compile. */
export const staffRoute = routesFor<ConsoleRole, Staff, ServiceDeps>();
export type StaffRoute = Route<ConsoleRole, Staff, ServiceDeps>;

/** The same for citizens' pages; `citizen` is one who has come through WeChat's authorisation. */
export const citizenRoute = routesFor<'citizen', Citizen, ServiceDeps>();
export type CitizenRoute = Route<'citizen', Citizen, ServiceDeps>;

/** A back-office program. What is done through `tx` commits with the answer that it gets again when it asks again, or not at all. */
export type OpenCaller = { key: ApiKey; tx: Tx };
/** The same for these; `key` is one whose request is signed with a key of the service. */
export const openRoute = routesFor<'key', OpenCaller, ServiceDeps>();
export type OpenRoute = Route<'key', OpenCaller, ServiceDeps>;

/** Names a folder below services/ as a citizen service; the loader finds it by this. */
export const defineService = (service: Service): Service => service;
