import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the stand-in for the WeChat platform remembers. A schema of its own: nothing of the service refers to it, and dropping it
 * loses nothing but play.
 */
export class Simulator1764000000100 implements MigrationInterface {
  name = 'Simulator1764000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA simulator');
    for (const statement of tables) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA simulator CASCADE');
  }
}

const tables = [
  `CREATE TABLE simulator.tokens (
    token text PRIMARY KEY,
    account text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('plain', 'stable')),
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL)`,
  `CREATE INDEX ON simulator.tokens (account, kind, issued_at DESC)`,

  `CREATE TABLE simulator.quotas (
    account text NOT NULL,
    api text NOT NULL,
    period text NOT NULL,
    used integer NOT NULL,
    PRIMARY KEY (account, api, period))`,

  `CREATE TABLE simulator.menus (
    account text NOT NULL,
    menu_id text NOT NULL,
    button jsonb NOT NULL,
    match_rule jsonb,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (account, menu_id))`,

  `CREATE TABLE simulator.citizens (
    account text NOT NULL,
    openid text NOT NULL,
    name text NOT NULL,
    following boolean NOT NULL,
    followed_at timestamptz,
    subscribe_scene text NOT NULL DEFAULT 'ADD_SCENE_SEARCH',
    qr_scene text NOT NULL DEFAULT '',
    remark text NOT NULL DEFAULT '',
    tags integer[] NOT NULL DEFAULT '{}',
    messages_sent bigint NOT NULL DEFAULT 0,
    read_to bigint NOT NULL DEFAULT 0,
    interacted_at timestamptz,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (account, openid))`,

  // What each kind of contact still allows of customer-service messages.
  `CREATE TABLE simulator.allowances (
    account text NOT NULL,
    openid text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'click', 'subscribe', 'scan')),
    remaining integer NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (account, openid, kind))`,

  `CREATE TABLE simulator.messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    openid text NOT NULL,
    at timestamptz NOT NULL,
    sender text NOT NULL CHECK (sender IN ('citizen', 'account')),
    via text NOT NULL,
    type text NOT NULL,
    body jsonb NOT NULL)`,
  `CREATE INDEX ON simulator.messages (account, openid, id DESC)`,

  // A trace's number is drawn before the push, so that the citizen's bubble can name it.
  `CREATE SEQUENCE simulator.trace_ids`,
  `CREATE TABLE simulator.traces (
    id bigint PRIMARY KEY,
    push_id bigint NOT NULL,
    account text NOT NULL,
    openid text NOT NULL,
    at timestamptz NOT NULL,
    attempt integer NOT NULL,
    mode text NOT NULL,
    request_url text NOT NULL,
    request_xml text NOT NULL,
    plain_xml text NOT NULL,
    status integer,
    response_xml text,
    plain_response_xml text,
    ms integer NOT NULL,
    error text)`,
  `CREATE INDEX ON simulator.traces (account, openid, id DESC)`,

  `CREATE TABLE simulator.sends (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    openid text NOT NULL,
    at timestamptz NOT NULL,
    api text NOT NULL,
    request jsonb NOT NULL,
    response jsonb NOT NULL)`,
  `CREATE INDEX ON simulator.sends (account, openid, id DESC)`,

  `CREATE TABLE simulator.client_messages (
    account text NOT NULL,
    openid text NOT NULL,
    client_msg_id text NOT NULL,
    msg_id bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (account, openid, client_msg_id))`,
  `CREATE SEQUENCE simulator.sent_ids START 4013600000000000001`,

  `CREATE TABLE simulator.templates (
    account text NOT NULL,
    template_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('template', 'once', 'long-term')),
    title text NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (account, template_id))`,
  `CREATE TABLE simulator.consents (
    account text NOT NULL,
    openid text NOT NULL,
    template_id text NOT NULL,
    remaining integer NOT NULL,
    PRIMARY KEY (account, openid, template_id))`,

  `CREATE TABLE simulator.media (
    id text PRIMARY KEY,
    account text NOT NULL,
    type text NOT NULL,
    content_type text NOT NULL,
    filename text NOT NULL,
    bytes bytea,
    about jsonb NOT NULL DEFAULT '{}',
    made_at timestamptz NOT NULL,
    expires_at timestamptz)`,
  `CREATE INDEX ON simulator.media (account, type, made_at) WHERE expires_at IS NULL`,

  `CREATE TABLE simulator.qr_codes (
    ticket text PRIMARY KEY,
    account text NOT NULL,
    scene text NOT NULL,
    url text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz)`,
  `CREATE INDEX ON simulator.qr_codes (account, scene, made_at DESC)`,

  `CREATE TABLE simulator.oauth_codes (
    code text PRIMARY KEY,
    account text NOT NULL,
    openid text NOT NULL,
    scope text NOT NULL,
    made_at timestamptz NOT NULL,
    used_at timestamptz)`,
  `CREATE TABLE simulator.oauth_tokens (
    token text PRIMARY KEY,
    refresh_token text NOT NULL,
    account text NOT NULL,
    openid text NOT NULL,
    scope text NOT NULL,
    expires_at timestamptz NOT NULL)`,
  `CREATE INDEX ON simulator.oauth_tokens (refresh_token)`,

  `CREATE TABLE simulator.tickets (
    ticket text PRIMARY KEY,
    account text NOT NULL,
    type text NOT NULL,
    expires_at timestamptz NOT NULL)`,
  `CREATE INDEX ON simulator.tickets (account, type, expires_at DESC)`,

  `CREATE TABLE simulator.tags (
    account text NOT NULL,
    id integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (account, id),
    UNIQUE (account, name))`,

  `CREATE TABLE simulator.drafts (
    media_id text PRIMARY KEY,
    account text NOT NULL,
    content jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    publish_id bigint UNIQUE,
    article_id text,
    deleted boolean NOT NULL DEFAULT false)`,
  `CREATE SEQUENCE simulator.publish_ids START 2247500001`,

  `CREATE TABLE simulator.faults (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    side text NOT NULL CHECK (side IN ('api', 'push')),
    name text NOT NULL,
    account text,
    kind text NOT NULL,
    times integer,
    rate double precision,
    seed text NOT NULL,
    ms integer,
    daily_limit integer,
    rolls integer NOT NULL DEFAULT 0,
    fired integer NOT NULL DEFAULT 0)`,
];
