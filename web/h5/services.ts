import type { RouteRecordRaw } from 'vue-router';

/** What a folder below services/ shows of itself: its pages, and how the home page leads to them. */
export type ServicePages = {
  title: string;
  note: string;
  home: string;
  routes: RouteRecordRaw[];
  /** what of it stands on 我的 */
  mine?: { title: string; path: string }[];
};

const found = import.meta.glob<{ pages: ServicePages }>('./services/*/routes.ts', { eager: true });

export const services: ServicePages[] = Object.values(found).map(({ pages }) => pages);
