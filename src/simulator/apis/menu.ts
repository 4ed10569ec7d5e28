import { z } from 'zod';
import { ok, PlatformError } from '../errcode';
import { defaultMenuId, deleteMenus, saveMenu, storedMenus } from '../menus';
import { type Api, read } from './api';
import { type Button, checkMenu } from './menu-rules';

const menuForm = z.object({ button: z.unknown() });
const conditionalForm = z.object({ button: z.unknown(), matchrule: z.record(z.string(), z.unknown()).optional() });

export const menuApis: Record<string, Api> = {
  'cgi-bin/menu/create': {
    method: 'POST',
    daily: 1000,
    async run(call) {
      const button = checkMenu(read(call, menuForm, 40016).button);
      await saveMenu(call.sim, call.account.key, defaultMenuId, button);
      return { json: ok };
    },
  },
  'cgi-bin/menu/get': {
    method: 'any',
    daily: 10_000,
    async run({ sim, account }) {
      const menus = await storedMenus(sim, account.key);
      const standard = menus.find(({ menu_id }) => menu_id === defaultMenuId);
      if (!standard) throw new PlatformError(46003);
      const personal = menus.filter(({ match_rule }) => match_rule);
      const shown = (menu: (typeof menus)[number]) => ({
        button: menu.button,
        matchrule: menu.match_rule,
        menuid: BigInt(menu.menu_id),
      });
      if (personal.length === 0) return { json: { menu: { button: standard.button } } };
      return {
        json: { menu: { button: standard.button, menuid: 208396938n }, conditionalmenu: personal.reverse().map(shown) },
      };
    },
  },
  'cgi-bin/menu/delete': {
    method: 'any',
    daily: 1000,
    async run({ sim, account }) {
      await deleteMenus(sim, account.key);
      return { json: ok };
    },
  },
  'cgi-bin/menu/addconditional': {
    method: 'POST',
    daily: 2000,
    async run(call) {
      const form = read(call, conditionalForm, 40016);
      const button = checkMenu(form.button);
      const rule = checkRule(form.matchrule);
      const menus = await storedMenus(call.sim, call.account.key);
      if (!menus.some(({ menu_id }) => menu_id === defaultMenuId)) throw new PlatformError(65303);
      const highest = menus.reduce(
        (most, { match_rule, menu_id }) => (match_rule ? Math.max(most, Number(menu_id)) : most),
        430_000_000,
      );
      const menuid = String(highest + 1);
      await saveMenu(call.sim, call.account.key, menuid, button, rule);
      return { json: { menuid } };
    },
  },
  'cgi-bin/menu/delconditional': {
    method: 'POST',
    daily: 2000,
    async run(call) {
      const { menuid } = read(call, z.object({ menuid: z.union([z.string(), z.number()]).transform(String) }));
      if (menuid === defaultMenuId || !(await deleteMenus(call.sim, call.account.key, menuid)))
        throw new PlatformError(65301);
      return { json: ok };
    },
  },
  'cgi-bin/get_current_selfmenu_info': {
    method: 'any',
    daily: 10_000,
    async run({ sim, account }) {
      const standard = (await storedMenus(sim, account.key)).find(({ menu_id }) => menu_id === defaultMenuId);
      if (!standard) return { json: { is_menu_open: 0 } };
      return { json: { is_menu_open: 1, selfmenu_info: { button: standard.button.map(asSelfMenu) } } };
    },
  },
};

/** Since 2021 only the tag and the client's platform may be matched on; sex, region and language are refused. */
function checkRule(rule: Record<string, unknown> | undefined) {
  const given = Object.entries(rule ?? {}).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  if (given.length === 0) throw new PlatformError(65304);
  const allowed = z.strictObject({
    tag_id: z.union([z.string().regex(/^\d+$/), z.number().int()]).optional(),
    client_platform_type: z
      .enum(['1', '2', '3'])
      .or(z.literal([1, 2, 3]))
      .optional(),
  });
  const parsed = allowed.safeParse(Object.fromEntries(given));
  if (!parsed.success) throw new PlatformError(65320);
  return parsed.data;
}

function asSelfMenu({ sub_button, ...button }: Button): object {
  return sub_button.length === 0 ? button : { name: button.name, sub_button: { list: sub_button.map(asSelfMenu) } };
}
