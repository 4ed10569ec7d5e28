import type { ServiceDeps } from '../../dialogue/service';
import { metresBetween, type Point } from './datum';
import { hoursWords, openingOf } from './opening';
import type { Place } from './place';
import { shelfOf } from './shelf';

export type Found = {
  key: string;
  title: string;
  district: string;
  address: string;
  phone: string;
  /** what is done there */
  matters: string;
  metres: number | null;
  distance: string;
  open: boolean;
  opening: string;
  hours: string;
  /** 「3 人在等」; nothing where nobody knows */
  busy: string;
  directions: string;
};

type Sought = { from?: Point; district?: string; key?: string };

/** The places sought, the nearest first where it is known from where; otherwise as the city lists them. */
export async function findPlaces(sought: Sought, organisationId: number, deps: ServiceDeps): Promise<Found[]> {
  const { from, district, key } = sought;
  const [{ places }, waiting] = await Promise.all([shelfOf(deps), waitingAt(organisationId, deps)]);
  const now = deps.clock.now();
  return places
    .filter((one) => (district === undefined || one.district === district) && (key === undefined || one.key === key))
    .map((place) => ({ place, metres: from ? metresBetween(from, place) : null }))
    .sort((one, other) => (one.metres ?? 0) - (other.metres ?? 0))
    .map(({ place, metres }) => foundAs(place, metres, waiting.get(place.organisation ?? ''), now, deps));
}

function foundAs(
  place: Place,
  metres: number | null,
  waiting: number | undefined,
  now: Date,
  deps: ServiceDeps,
): Found {
  const { key, title, district, address, phone = '', matters = '', hours } = place;
  const { open, words } = openingOf(hours, now, deps);
  return {
    key,
    title,
    district,
    address,
    phone,
    matters,
    metres,
    distance: metres === null ? '' : distanceWords(metres),
    open,
    opening: words,
    hours: hoursWords(hours, deps),
    busy: waiting === undefined ? '' : waiting === 0 ? '没有人在等' : `${waiting} 人在等`,
    directions: directionsTo(place),
  };
}

/** By the key of the organisation, as whoever knows of counters says; nothing of one where nobody is served now or waits. */
async function waitingAt(organisationId: number, deps: ServiceDeps): Promise<Map<string, number>> {
  const now = deps.clock.now();
  const found = await Promise.all(deps.contributed.load.map((load) => load(organisationId, deps)));
  const sums = new Map<string, number>();
  for (const { organisation, waiting, hours } of found.flat())
    if (waiting > 0 || hours.some(({ from, to }) => from <= now && now < to))
      sums.set(organisation.key, (sums.get(organisation.key) ?? 0) + waiting);
  return sums;
}

export const distanceWords = (metres: number): string =>
  metres < 1000
    ? `${Math.max(10, Math.round(metres / 10) * 10)} 米`
    : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} 公里`;

/** Tencent's map, which WeChat opens without asking; it takes GCJ-02. */
const directionsTo = ({ title, latitude, longitude }: Place): string =>
  `https://apis.map.qq.com/uri/v1/routeplan?${new URLSearchParams({
    type: 'drive',
    to: title,
    tocoord: `${latitude},${longitude}`,
    referer: 'weiban',
  })}`;
