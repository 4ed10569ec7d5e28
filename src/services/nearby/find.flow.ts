import type { Hit, Media } from '../../dialogue/contributions';
import { flow, type Listed } from '../../dialogue/flow';
import { pagedOffers } from '../../dialogue/paged-offers';
import { place } from '../../dialogue/questions';
import type { Offer, Opener, ServiceContext } from '../../dialogue/service';
import { citizenPage } from '../../people/citizen-page';
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
export const showDistricts: Opener = async ({ from = '0' }, ctx) => {
  const { deps, account } = ctx;
  const { districts } = await shelfOf(deps);
  const reply = deps.texts.say('nearby.districts', { count: districts.length, link: pageOf(ctx) }, account.id);
  const all = districts.map((district): Offer => ({ label: district, key: 'nearby.district', args: { district } }));
  const offers = pagedOffers(all, Number(from), { key: 'nearby' });
  if (from === '0') offers.unshift({ label: '发位置找最近的', key: 'nearby.find' });
  return districts.length > 0 ? { reply, offers } : { reply };
};

export const showDistrict: Opener = async ({ district = '', from = '0' }, ctx) => {
  const { deps, account } = ctx;
  const found = await findPlaces({ district }, account.organisationId, deps);
  if (found.length === 0) return showDistricts({}, ctx);
  const all = found.map((one): Offer => {
    const label = [one.title, one.opening, one.busy].filter(Boolean).join('，');
    return { label, key: 'nearby.place', args: { place: one.key } };
  });
  return {
    reply: deps.texts.say('nearby.district', { district }, account.id),
    offers: pagedOffers(all, Number(from), { key: 'nearby.district', args: { district } }),
  };
};

/** A place that comes by itself may be meant for this. */
export async function media(said: Media, { deps }: ServiceContext): Promise<Hit[]> {
  if (said.kind !== 'location' || (await shelfOf(deps)).places.length === 0) return [];
  const { latitude, longitude, label } = said;
  const answers = { place: { latitude, longitude, label } };
  return [{ label: '找最近的办事点', key: 'nearby.find', answers, score: 0.4 }];
}

/** 「附近有没有派出所」 */
export async function answers(text: string, ctx: ServiceContext): Promise<Hit[]> {
  if (!asksNearest.test(text) || complains.test(text) || (await shelfOf(ctx.deps)).places.length === 0) return [];
  const told = `找最近的办事点：有多远、现在开没开、怎么去。${pageOf(ctx)}`;
  return [{ label: '找最近的办事点', key: 'nearby.find', score: 0.95, stands: true, text: told }];
}
const asksNearest =
  /(?:最近的|附近|离我.{0,3}近|就近).{0,8}(?:派出所|医院|急诊|门诊|车管所|大厅|窗口|中心|办证|办事|出入境|户籍|地方|哪)/u;
/** Of what is near, and not how to get there. */
const complains = /投诉|举报|噪音|太吵|施工/u;

const pageOf = ({ deps, account }: ServiceContext) => citizenPage(deps, account.id, '/nearby');
