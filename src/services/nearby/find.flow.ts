import type { Hit, Media } from '../../dialogue/contributions';
import { flow, type Listed } from '../../dialogue/flow';
import { place } from '../../dialogue/questions';
import type { Opener, ServiceContext } from '../../dialogue/service';
import type { Point } from './datum';
import { findPlaces } from './found';
import { shelfOf } from './shelf';

const shown = 5;

/** A location message is GCJ-02 already. */
export const findFlow = flow('nearby.find', '最近的办事点')
  .ask(
    'place',
    '请发送您的位置：点输入框右边的 ＋，选「位置」，再点「发送位置」。\n不想发位置，回复「办事点」按区县找。',
    place,
  )
  .tell(async (a, ctx) => nearest(a.place, ctx));

async function nearest(from: Point, ctx: ServiceContext): Promise<string | Listed> {
  const { deps, account } = ctx;
  const [found, { demo }] = await Promise.all([findPlaces({ from }, account.organisationId, deps), shelfOf(deps)]);
  const near = found.slice(0, shown);
  const heading = deps.texts.say('nearby.found', { count: near.length, demo }, account.id);
  if (near.length === 0) return heading;
  return {
    heading,
    offers: near.map((one) => ({
      label: [one.title, one.distance, one.opening, one.busy].filter(Boolean).join('，'),
      key: 'nearby.place',
      args: { place: one.key, distance: one.distance },
    })),
  };
}

/** One place, with the way there. */
export const showPlace: Opener = async ({ place: key = '', distance = '' }, ctx) => {
  const { deps, account } = ctx;
  const [one] = await findPlaces({ key }, account.organisationId, deps);
  if (!one) return { reply: deps.texts.say('nearby.found', { count: 0, demo: false }, account.id) };
  return { reply: deps.texts.say('nearby.place', { ...one, distance }, account.id) };
};

/** By district, for who would rather not say where they are. */
export const showDistricts: Opener = async (_args, ctx) => {
  const { deps, account } = ctx;
  const { districts } = await shelfOf(deps);
  const reply = deps.texts.say('nearby.districts', { count: districts.length, link: pageOf(ctx) }, account.id);
  const offers = [
    { label: '发位置找最近的', key: 'nearby.find' },
    ...districts.slice(0, 15).map((district) => ({ label: district, key: 'nearby.district', args: { district } })),
  ];
  return districts.length > 0 ? { reply, offers } : { reply };
};

const mostInDistrict = 15;
export const showDistrict: Opener = async ({ district = '' }, ctx) => {
  const { deps, account } = ctx;
  const found = await findPlaces({ district }, account.organisationId, deps);
  if (found.length === 0) return showDistricts({}, ctx);
  return {
    reply: deps.texts.say('nearby.district', { district }, account.id),
    offers: found.slice(0, mostInDistrict).map((one) => ({
      label: [one.title, one.opening, one.busy].filter(Boolean).join('，'),
      key: 'nearby.place',
      args: { place: one.key },
    })),
  };
};

/** A place that comes by itself may be meant for this. */
export async function media(said: Media, { deps }: ServiceContext): Promise<Hit[]> {
  if (said.kind !== 'location' || (await shelfOf(deps)).places.length === 0) return [];
  const { latitude, longitude, label } = said;
  const answers = { place: { latitude, longitude, label } };
  return [{ label: '找最近的办事点', key: 'nearby.find', answers, score: 0.4 }];
}

const pageOf = ({ deps, account }: ServiceContext) => `${deps.publicUrl}/h5/?account=${account.key}#/nearby`;
