import type { Accounts } from '../people/accounts';
import type { Clock } from '../platform/clock';
import type { Database, Queryable } from '../platform/database';
import type { Events } from '../platform/events';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Files } from '../platform/files/files';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import type { Content } from './message';
import type { Channel, WechatPort } from './port';

export type DeliveryDeps = {
  db: Database;
  events: Pick<Events, 'processId'>;
  clock: Clock;
  encryption: FieldEncryption;
  accounts: Pick<Accounts, 'byId'>;
  files: Pick<Files, 'read'>;
  metrics: Metrics;
  log: Log;
  wechat: WechatPort;
  /** In the transaction in which one has arrived, failed, been handed over or begun to wait. */
  onFate(on: Queryable, deliveryId: string): Promise<void>;
};

export type Citizen = { accountId: number; openid: string };

/**
 * - `queued` leaves as soon as it is due and nothing before it is under way
 * - `sending` the call to the platform is under way
 * - `sent` the platform took it on, whether it arrived is not known yet
 * - `delivered` it arrived. Customer-service messages get no receipt: there the platform's yes is the arrival
 * - `failed` ended without arriving; `reason` says why, staff may send it again
 * - `waiting` no channel is open; goes out at the citizen's next contact
 */
export type Status = 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'waiting';

/** The columns that decide what happens next. */
export type Row = {
  id: string;
  account_id: number;
  openid: string;
  body: Content | null;
  sealed: string | null;
  status: Status;
  channel: Channel | null;
  reason_code: string | null;
  reason: string | null;
  attempts: number;
  next_at: Date | null;
  expires_at: Date | null;
  give_up_at: Date;
  tried: Partial<Record<Channel, 'refused' | 'quota'>>;
  reserved: Window | null;
  reserved_until: Date | null;
  sending_at: Date | null;
  process_id: number | null;
  template_id: string | null;
  client_msg_id: string | null;
  client_msg_at: Date | null;
  unsure: boolean;
  receipt: { msgId: string; ok: boolean; code: string; reason: string } | null;
  msg_id: string | null;
};

export type Window = 'message' | 'tap';

/** UPDATE ... RETURNING as a SELECT, which every driver below us answers alike. */
export const updated = (update: string) => `WITH u AS (UPDATE deliveries ${update} RETURNING *) SELECT * FROM u`;
