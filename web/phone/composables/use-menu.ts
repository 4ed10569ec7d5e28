import { type Ref, ref } from 'vue';
import { api } from '../api';
import type { MenuButton } from '../types';

export type Menu = ReturnType<typeof useMenu>;

/** The account's menu as this citizen sees it: there are personalised ones. */
export function useMenu(account: Ref<string>, openid: Ref<string>) {
  const buttons = ref<MenuButton[]>([]);
  /** The first answer is there, be it a failure. */
  const loaded = ref(false);

  async function load() {
    const [key, citizen] = [account.value, openid.value];
    try {
      const menu = key && citizen ? await api.menu(key, citizen) : [];
      if (key === account.value && citizen === openid.value) buttons.value = menu;
    } finally {
      loaded.value = true;
    }
  }

  return { buttons, loaded, load };
}
