import type { Delivery } from '../delivery/delivery';
import type { Texts } from '../delivery/texts';
import type { AutoReplies } from '../dialogue/auto-replies';
import type { KeyTitles } from '../dialogue/key-titles';
import type { Scenes } from '../dialogue/scenes';
import type { Accounts } from '../people/accounts';
import type { KeyTarget } from '../people/api-keys';
import type { Notify } from '../people/notifications';
import type { Cache } from '../platform/cache';
import type { Clock } from '../platform/clock';
import type { Database, Tx } from '../platform/database';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Live } from '../platform/live';
import type { Log } from '../platform/log';
import type { Settings } from '../platform/settings';

/** What the console is given. `wechat`, `menus` and `health` are its own view of rooms that it may not enter. */
export type ConsoleDeps = {
  config: { publicUrl: string; simulator: boolean; demoPassword: string };
  db: Database;
  cache: Cache;
  clock: Clock;
  live: Live;
  notify: Notify;
  log: Log;
  encryption: FieldEncryption;
  settings: Settings;
  accounts: Accounts;
  texts: Texts;
  autoReplies: Pick<AutoReplies, 'rules' | 'reload'>;
  delivery: Pick<Delivery, 'list' | 'find' | 'reveal' | 'resend'>;
  wechat: ConsoleWechat;
  menus: ConsoleMenus;
  titles: KeyTitles;
  scenes: Scenes;
  /** what services still have under way in an organisation, in words: `3 个没办结的提问` */
  heldBy(tx: Tx, organisationId: number): Promise<string[]>;
  /** what the services have that a key for programs can be for, below paths like these */
  keyTargets(paths: readonly string[]): Promise<(KeyTarget & { service: string; serviceTitle: string })[]>;
  /** what the services send notices of */
  noticeKinds: readonly { kind: string; service: string; title: string; fields: readonly string[] }[];
  health(): Promise<{ ready: boolean; parts: HealthPart[] }>;
};

export type ConsoleWechat = {
  /** Tries the stored appid and secret against the platform, step by step; never throws for what the platform answers. */
  testAccount(accountId: number): Promise<{ steps: TestStep[] }>;
  /**
   * A QR code that brings its scene along: its address, and how long it holds, for good without.
   * @throws UserError with what the platform said when it refused
   */
  createQrCode(accountId: number, scene: string, seconds?: number): Promise<{ url: string; seconds?: number }>;
};

export type TestStep = { title: string; ok: boolean; message: string };

export type ConsoleMenus = {
  /** what templates/menu.yaml says for this account */
  planned(accountId: number): Promise<MenuButton[]>;
  /** what the platform shows now; null when there is none */
  published(accountId: number): Promise<MenuButton[] | null>;
  /** Puts the planned one on the account. @throws UserError with what the platform said when it refused */
  publish(accountId: number): Promise<void>;
};

/** A menu's button, either one that opens something or one with buttons below. */
export type MenuButton = MenuLeaf & { children: MenuLeaf[] };
export type MenuLeaf = {
  name: string;
  type?: string;
  /** the key of a click, the address of a view */
  value?: string;
  /** what the key opens, where there is still such a thing */
  opens?: string;
};

export type HealthPart = { name: string; ok: boolean; message: string };
