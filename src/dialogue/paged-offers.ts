import type { Offer } from './service';

/** 15 titles of 40 characters and a heading stay below WeChat's 2,048 bytes. */
export const offersPerPage = 14;

/** As many of a long list as a message holds, and the way to the others: the same key again, with where they begin as `from`. */
export function pagedOffers(all: Offer[], from: number, { key, args }: Pick<Offer, 'key' | 'args'>): Offer[] {
  // The list may have become shorter since the way to the others was offered.
  const first = from < all.length ? from : 0;
  const next = first + offersPerPage;
  const offers = all.slice(first, next);
  return next < all.length ? [...offers, moreOffers(key, { ...args, from: String(next) })] : offers;
}

export const moreOffers = (key: string, args: Record<string, string>): Offer => ({ label: '更多……', key, args });
