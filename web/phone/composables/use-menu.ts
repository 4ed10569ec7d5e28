import { type Ref, ref } from 'vue';
import { api } from '../api';
import type { MenuButton } from '../types';

export type Menu = ReturnType<typeof useMenu>;

/** The account's menu as its followers see it. */
export function useMenu(account: Ref<string>) {
  const buttons = ref<MenuButton[]>([]);

  async function load() {
    const key = account.value;
    const menu = key ? await api.menu(key) : [];
    if (key === account.value) buttons.value = menu;
  }

  return { buttons, load };
}
