import { z } from 'zod';
import { isUniqueViolation } from '../../platform/errors';
import { findCitizen } from '../citizens';
import { ok, PlatformError } from '../errcode';
import { type Api, type Call, read } from './api';

const named = z.object({ tag: z.object({ name: z.string() }) });
const numbered = z.object({ tag: z.object({ id: z.number().int() }) });
const members = z.object({ openid_list: z.array(z.string()), tagid: z.number().int() });

/** Ids below 100 are the platform's own tags (2 is 星标组). */
const firstId = 100;

export const tagApis: Record<string, Api> = {
  'cgi-bin/tags/create': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const name = checkName(read(call, named).tag.name);
      const { sim, account } = call;
      const [count] = await sim.db.query<{ n: number; last: number }>(
        `SELECT count(*)::int AS n, coalesce(max(id), ${firstId - 1})::int AS last FROM simulator.tags WHERE account = $1`,
        [account.key],
      );
      if (count!.n >= 100) throw new PlatformError(45056);
      const id = count!.last + 1;
      await unlessTaken(
        sim.db.query('INSERT INTO simulator.tags (account, id, name) VALUES ($1, $2, $3)', [account.key, id, name]),
      );
      return { json: { tag: { id, name } } };
    },
  },
  'cgi-bin/tags/get': {
    method: 'any',
    daily: 1000,
    async run({ sim, account }) {
      const tags = await sim.db.query(
        `SELECT id, name, (SELECT count(*)::int FROM simulator.citizens c WHERE c.account = t.account AND t.id = ANY (c.tags)) AS count
         FROM simulator.tags t WHERE account = $1 ORDER BY id`,
        [account.key],
      );
      return { json: { tags } };
    },
  },
  'cgi-bin/tags/update': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { tag } = read(call, z.object({ tag: z.object({ id: z.number().int(), name: z.string() }) }));
      await checkTag(call, tag.id);
      await unlessTaken(
        call.sim.db.query('UPDATE simulator.tags SET name = $3 WHERE account = $1 AND id = $2', [
          call.account.key,
          tag.id,
          checkName(tag.name),
        ]),
      );
      return { json: ok };
    },
  },
  'cgi-bin/tags/delete': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const { id } = read(call, numbered).tag;
      await checkTag(call, id);
      await call.sim.db.query(
        'UPDATE simulator.citizens SET tags = array_remove(tags, $2) WHERE account = $1 AND $2 = ANY (tags)',
        [call.account.key, id],
      );
      await call.sim.db.query('DELETE FROM simulator.tags WHERE account = $1 AND id = $2', [call.account.key, id]);
      return { json: ok };
    },
  },
  'cgi-bin/tags/members/batchtagging': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const citizens = await checkMembers(call);
      const { tagid } = read(call, members);
      if (citizens.some(({ tags }) => tags.length >= 20 && !tags.includes(tagid))) throw new PlatformError(45059);
      await call.sim.db.query(
        `UPDATE simulator.citizens SET tags = array_append(array_remove(tags, $3), $3) WHERE account = $1 AND openid = ANY ($2)`,
        [call.account.key, citizens.map(({ openid }) => openid), tagid],
      );
      return { json: ok };
    },
  },
  'cgi-bin/tags/members/batchuntagging': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const citizens = await checkMembers(call);
      await call.sim.db.query(
        'UPDATE simulator.citizens SET tags = array_remove(tags, $3) WHERE account = $1 AND openid = ANY ($2)',
        [call.account.key, citizens.map(({ openid }) => openid), read(call, members).tagid],
      );
      return { json: ok };
    },
  },
  'cgi-bin/tags/getidlist': {
    method: 'POST',
    daily: 100_000,
    async run(call) {
      const citizen = await findCitizen(
        call.sim,
        call.account.key,
        read(call, z.object({ openid: z.string() })).openid,
      );
      if (!citizen?.following) throw new PlatformError(40003);
      return { json: { tagid_list: citizen.tags } };
    },
  },
  'cgi-bin/user/tag/get': {
    method: 'POST',
    daily: 500,
    async run(call) {
      const { tagid, next_openid } = read(
        call,
        z.object({ tagid: z.number().int(), next_openid: z.string().default('') }),
      );
      await checkTag(call, tagid);
      const rows = await call.sim.db.query<{ openid: string }>(
        `SELECT openid FROM simulator.citizens WHERE account = $1 AND following AND $2 = ANY (tags) AND openid > $3 ORDER BY openid LIMIT 10000`,
        [call.account.key, tagid, next_openid],
      );
      const openid = rows.map((row) => row.openid);
      return { json: { count: openid.length, data: { openid }, next_openid: openid.at(-1) ?? '' } };
    },
  },
};

async function checkMembers(call: Call) {
  const { openid_list, tagid } = read(call, members);
  if (openid_list.length < 1 || openid_list.length > 50) throw new PlatformError(40032);
  await checkTag(call, tagid);
  const found = await Promise.all(openid_list.map((openid) => findCitizen(call.sim, call.account.key, openid)));
  if (found.some((citizen) => !citizen?.following)) throw new PlatformError(40003);
  return found.map((citizen) => citizen!);
}

async function checkTag({ sim, account }: Call, id: number) {
  if (id < firstId) throw new PlatformError(45058);
  const found = await sim.db.query('SELECT id FROM simulator.tags WHERE account = $1 AND id = $2', [account.key, id]);
  if (found.length === 0) throw new PlatformError(45159);
}

function checkName(name: string): string {
  if (name === '') throw new PlatformError(45157);
  if (Buffer.byteLength(name) > 30) throw new PlatformError(45158);
  return name;
}

async function unlessTaken(write: Promise<unknown>) {
  await write.catch((error: unknown) => {
    throw isUniqueViolation(error) ? new PlatformError(45157) : error;
  });
}
