import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What can be booked, when, by whom; and who waits for a place. */
export class Appointments1764000000910 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A doctor, a clinic, a counter: belongs to the department or office whose staff look after it.
      CREATE TABLE appointment_resources (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text COLLATE "C" NOT NULL UNIQUE,
        organisation_id int NOT NULL REFERENCES organisations,
        kind text NOT NULL CHECK (kind IN ('doctor','clinic','counter')),
        title text NOT NULL,
        -- a doctor's rank, what a counter is for
        subtitle text NOT NULL DEFAULT '',
        note text NOT NULL DEFAULT '',
        place text NOT NULL DEFAULT '',
        position int NOT NULL DEFAULT 100,
        -- what differs from the policy of all
        policy jsonb NOT NULL DEFAULT '{}',
        disabled_at timestamptz
      );
      CREATE INDEX appointment_resources_organisation ON appointment_resources (organisation_id, position, id);

      -- Every week from one hour to another, cut into slots.
      CREATE TABLE appointment_rules (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL REFERENCES appointment_resources,
        -- 1 Monday … 7 Sunday
        weekdays int[] NOT NULL,
        from_time time NOT NULL,
        to_time time NOT NULL CHECK (to_time > from_time),
        minutes int NOT NULL CHECK (minutes BETWEEN 1 AND 480),
        capacity int NOT NULL CHECK (capacity BETWEEN 1 AND 10000),
        pool text NOT NULL DEFAULT 'online' CHECK (pool IN ('online','counter')),
        -- also on the State Council's holidays; a weekend that is worked counts as the weekday it stands for only by an exception
        on_holidays boolean NOT NULL DEFAULT false,
        valid_from date NOT NULL,
        valid_to date
      );
      CREATE INDEX appointment_rules_resource ON appointment_rules (resource_id);

      -- One day that is unlike the others of its kind.
      CREATE TABLE appointment_exceptions (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL REFERENCES appointment_resources,
        day date NOT NULL,
        -- stopped: nobody comes; as: works like another weekday (调休)
        kind text NOT NULL CHECK (kind IN ('stopped','as')),
        weekday int CHECK (weekday BETWEEN 1 AND 7),
        reason text NOT NULL DEFAULT '',
        UNIQUE (resource_id, day),
        CHECK ((kind = 'as') = (weekday IS NOT NULL))
      );

      CREATE TABLE appointment_slots (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL REFERENCES appointment_resources,
        organisation_id int NOT NULL REFERENCES organisations,
        pool text NOT NULL,
        -- in Asia/Shanghai
        day date NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
        opens_at timestamptz NOT NULL,
        capacity int NOT NULL CHECK (capacity >= 0),
        taken int NOT NULL DEFAULT 0,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open','stopped')),
        stop_reason text,
        UNIQUE (resource_id, pool, starts_at),
        -- the last word on overbooking
        CONSTRAINT never_overbooked CHECK (taken BETWEEN 0 AND capacity)
      ) WITH (fillfactor = 70);
      CREATE INDEX appointment_slots_day ON appointment_slots (organisation_id, day);
      CREATE INDEX appointment_slots_resource_day ON appointment_slots (resource_id, day);

      CREATE INDEX appointment_slots_stopped ON appointment_slots (day) WHERE status = 'stopped';

      CREATE TABLE appointments (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- eight digits, said at the counter
        code text COLLATE "C" NOT NULL,
        slot_id bigint NOT NULL REFERENCES appointment_slots,
        resource_id int NOT NULL REFERENCES appointment_resources,
        organisation_id int NOT NULL REFERENCES organisations,
        day date NOT NULL,
        starts_at timestamptz NOT NULL,
        -- of walk-ins both are missing
        account_id int REFERENCES accounts,
        openid text COLLATE "C",
        person_id bigint REFERENCES persons,
        name_sealed text NOT NULL,
        phone_hash text COLLATE "C",
        phone_sealed text,
        status text NOT NULL CHECK (status IN
          ('offered','held','booked','checked-in','served','no-show','cancelled','expired','stopped')),
        -- an offer's or a hold's end
        until timestamptz,
        -- a place given up is given out again then; until then it counts as taken
        returns_at timestamptz,
        -- the sender's own, so that a form sent twice books once
        key text COLLATE "C",
        made_at timestamptz NOT NULL,
        booked_at timestamptz,
        ended_at timestamptz,
        end_reason text,
        reminded_at timestamptz,
        queue_number int,
        called_at timestamptz,
        moved_from bigint REFERENCES appointments,
        version int NOT NULL DEFAULT 1,
        UNIQUE (day, code)
      ) WITH (fillfactor = 80);
      -- one place a day for one person in one department
      CREATE UNIQUE INDEX appointments_one_a_day ON appointments (person_id, organisation_id, day)
        WHERE status IN ('offered','held','booked','checked-in','served');
      CREATE UNIQUE INDEX appointments_key ON appointments (account_id, openid, key) WHERE key IS NOT NULL;
      CREATE INDEX appointments_citizen ON appointments (account_id, openid, id DESC);
      CREATE INDEX appointments_person ON appointments (person_id, organisation_id, day);
      CREATE INDEX appointments_phone ON appointments (phone_hash, organisation_id, day);
      CREATE INDEX appointments_slot ON appointments (slot_id);
      CREATE INDEX appointments_roster ON appointments (resource_id, day, starts_at);
      -- sweeps
      CREATE INDEX appointments_until ON appointments (until) WHERE status IN ('offered','held');
      CREATE INDEX appointments_returns ON appointments (returns_at) WHERE returns_at IS NOT NULL;
      CREATE INDEX appointments_coming ON appointments (day, id) WHERE status = 'booked';

      -- Who did not come, until when it counts, and whether a clerk took it back.
      CREATE TABLE appointment_no_shows (
        appointment_id bigint PRIMARY KEY REFERENCES appointments,
        person_id bigint NOT NULL REFERENCES persons,
        organisation_id int NOT NULL REFERENCES organisations,
        at timestamptz NOT NULL,
        counts_until timestamptz NOT NULL,
        appeal text,
        appealed_at timestamptz,
        forgiven_at timestamptz,
        decided_by int REFERENCES staff
      );
      CREATE INDEX appointment_no_shows_person ON appointment_no_shows (person_id, organisation_id, at);

      -- Who waits for a place of a resource on a day, first come first.
      CREATE TABLE appointment_waiting (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        resource_id int NOT NULL REFERENCES appointment_resources,
        organisation_id int NOT NULL REFERENCES organisations,
        day date NOT NULL,
        account_id int NOT NULL REFERENCES accounts,
        openid text COLLATE "C" NOT NULL,
        person_id bigint NOT NULL REFERENCES persons,
        at timestamptz NOT NULL,
        -- waiting: in line; offered: has an offer now; done: took it; gone: left, passed over, or the day went by
        status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting','offered','done','gone')),
        appointment_id bigint REFERENCES appointments
      );
      CREATE UNIQUE INDEX appointment_waiting_once ON appointment_waiting (resource_id, day, person_id)
        WHERE status IN ('waiting','offered');
      CREATE INDEX appointment_waiting_line ON appointment_waiting (resource_id, day, id) WHERE status = 'waiting';
      CREATE INDEX appointment_waiting_citizen ON appointment_waiting (account_id, openid, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE appointment_waiting, appointment_no_shows, appointments, appointment_slots, appointment_exceptions,
                 appointment_rules, appointment_resources;
    `);
  }
}
