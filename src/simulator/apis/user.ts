import { z } from 'zod';
import { type Citizen, findCitizen } from '../citizens';
import { ok, PlatformError } from '../errcode';
import { type Api, read } from './api';

const page = 10_000;

export const userApis: Record<string, Api> = {
  'cgi-bin/user/info': {
    method: 'any',
    daily: 5_000_000,
    async run({ sim, account, query }) {
      const citizen = await findCitizen(sim, account.key, query.get('openid') ?? '');
      if (!citizen) throw new PlatformError(40003);
      return { json: profile(citizen) };
    },
  },
  'cgi-bin/user/info/batchget': {
    method: 'POST',
    daily: 5_000_000,
    async run(call) {
      const { user_list } = read(call, z.object({ user_list: z.array(z.object({ openid: z.string() })) }));
      if (user_list.length < 1 || user_list.length > 100) throw new PlatformError(40032);
      const found = await Promise.all(user_list.map(({ openid }) => findCitizen(call.sim, call.account.key, openid)));
      if (found.includes(undefined)) throw new PlatformError(40003);
      return { json: { user_info_list: found.map((citizen) => profile(citizen!)) } };
    },
  },
  'cgi-bin/user/info/updateremark': {
    method: 'POST',
    daily: 10_000,
    async run(call) {
      const { openid, remark } = read(call, z.object({ openid: z.string(), remark: z.string().max(30) }));
      if (!(await findCitizen(call.sim, call.account.key, openid))) throw new PlatformError(40003);
      await call.sim.db.query('UPDATE simulator.citizens SET remark = $3 WHERE account = $1 AND openid = $2', [
        call.account.key,
        openid,
        remark,
      ]);
      return { json: ok };
    },
  },
  'cgi-bin/user/get': {
    method: 'any',
    daily: 500,
    async run({ sim, account, query }) {
      const next = query.get('next_openid') ?? '';
      const rows = await sim.db.query<{ openid: string }>(
        `SELECT openid FROM simulator.citizens WHERE account = $1 AND following AND openid > $2 ORDER BY openid LIMIT ${page}`,
        [account.key, next],
      );
      const [all] = await sim.db.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM simulator.citizens WHERE account = $1 AND following',
        [account.key],
      );
      const openids = rows.map(({ openid }) => openid);
      const data = openids.length > 0 ? { data: { openid: openids } } : {};
      return { json: { total: all!.n, count: openids.length, ...data, next_openid: openids.at(-1) ?? '' } };
    },
  },
};

/** Since 2021 there is no nickname, no picture, no sex and no region; of one who does not follow there is nothing but that. */
function profile(citizen: Citizen) {
  if (!citizen.following) return { subscribe: 0, openid: citizen.openid, tagid_list: [] };
  const scene = citizen.qr_scene;
  return {
    subscribe: 1,
    openid: citizen.openid,
    nickname: '',
    sex: 0,
    language: 'zh_CN',
    city: '',
    province: '',
    country: '',
    headimgurl: '',
    subscribe_time: Math.floor((citizen.followed_at?.getTime() ?? 0) / 1000),
    remark: citizen.remark,
    groupid: citizen.tags[0] ?? 0,
    tagid_list: citizen.tags,
    subscribe_scene: citizen.subscribe_scene,
    qr_scene: /^\d{1,10}$/.test(scene) ? Number(scene) : 0,
    qr_scene_str: /^\d{1,10}$/.test(scene) ? '' : scene,
  };
}
