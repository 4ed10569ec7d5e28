import { type Ref, ref } from 'vue';
import { api } from '../api';
import type { MenuButton } from '../types';

export type Menu = ReturnType<typeof useMenu>;

/** The account's menu as this citizen sees it: there are personalised ones. */
export function useMenu(account: Ref<string>, openid: Ref<string>) {
  const buttons = ref<MenuButton[]>([]);

  async function load() {
    const [key, citizen] = [account.value, openid.value];
    const menu = key && citizen ? await api.menu(key, citizen) : [];
    if (key === account.value && citizen === openid.value) buttons.value = menu;
  }

  return { buttons, load };
}
