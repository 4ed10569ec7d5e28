import type { Button } from './apis/menu-rules';
import { findCitizen } from './citizens';
import type { Simulator } from './types';

export type MatchRule = { tag_id?: string | number; client_platform_type?: string | number };
export type StoredMenu = { menu_id: string; button: Button[]; match_rule: MatchRule | null };

export const defaultMenuId = 'default';

export const storedMenus = ({ db }: Simulator, account: string) =>
  db.query<StoredMenu>(
    `SELECT menu_id, button, match_rule FROM simulator.menus WHERE account = $1 ORDER BY updated_at, menu_id`,
    [account],
  );

export async function saveMenu(sim: Simulator, account: string, menuId: string, button: Button[], rule?: MatchRule) {
  await sim.db.query(
    `INSERT INTO simulator.menus (account, menu_id, button, match_rule, updated_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account, menu_id) DO UPDATE SET button = excluded.button, updated_at = excluded.updated_at`,
    [account, menuId, JSON.stringify(button), rule ? JSON.stringify(rule) : null, sim.clock.now()],
  );
  await sim.events.publish('simulator', { kind: 'menu', account });
}

/** Deleting the default menu deletes the personalised ones with it. */
export async function deleteMenus(sim: Simulator, account: string, menuId?: string): Promise<boolean> {
  const gone = await sim.db.query(
    `WITH gone AS (DELETE FROM simulator.menus WHERE account = $1 AND ($2::text IS NULL OR menu_id = $2) RETURNING menu_id)
     SELECT menu_id FROM gone`,
    [account, menuId ?? null],
  );
  await sim.events.publish('simulator', { kind: 'menu', account });
  return gone.length > 0;
}

/** The menu this citizen sees: the newest personalised one that fits the tags, else the default. */
export async function menuFor(sim: Simulator, account: string, openid?: string): Promise<Button[] | null> {
  const menus = await storedMenus(sim, account);
  const citizen = openid ? await findCitizen(sim, account, openid) : undefined;
  const own = menus.filter(({ match_rule }) => match_rule && citizen && fits(match_rule, citizen.tags)).at(-1);
  return (own ?? menus.find(({ menu_id }) => menu_id === defaultMenuId))?.button ?? null;
}

/** What kind of button holds this key in the menu, if any does. */
export async function buttonOfKey(sim: Simulator, account: string, key: string): Promise<Button | undefined> {
  const menus = await storedMenus(sim, account);
  return menus
    .flatMap(({ button }) => button.flatMap((top) => [top, ...top.sub_button]))
    .find((button) => button.key === key);
}

/** The phone page plays an iPhone: client platform 1. */
function fits(rule: MatchRule, tags: number[]): boolean {
  const platform = String(rule.client_platform_type ?? '');
  const tag = String(rule.tag_id ?? '');
  return (platform === '' || platform === '1') && (tag === '' || tags.includes(Number(tag)));
}
