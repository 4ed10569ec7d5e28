import { computed, ref, watch } from 'vue';
import { ApiError, get, post } from './api';
import type { Me, Role } from './types';

/** Set while someone is signed in here, so that a page nobody has signed in on does not ask in vain. */
const flag = 'weiban.signed-in';
const me = ref<Me | null>(null);
watch(me, (someone) => (someone ? localStorage.setItem(flag, '1') : localStorage.removeItem(flag)));
let asked: Promise<void> | undefined;

/** Who is signed in. The session itself is in a cookie that scripts cannot read. */
export function useSession() {
  return {
    me,
    roles: computed(() => me.value?.roles ?? []),
    holds: (...roles: Role[]) => roles.some((role) => me.value?.roles.includes(role)),
    /** Asks once whether there is a session. */
    ready: () => (asked ??= askWhoIAm()),
    /** Asks again: what one may do has changed. */
    again: async () => {
      me.value = await get<Me>('/me');
    },
    /** `code`: of the phone, once the server has asked for it */
    async signIn(username: string, password: string, code?: string): Promise<void> {
      me.value = await post<Me>('/login', { username, password, code });
    },
    async signOut(everywhere: boolean): Promise<void> {
      await post('/logout', { everywhere });
      me.value = null;
    },
    forget: () => {
      me.value = null;
    },
  };
}

async function askWhoIAm(): Promise<void> {
  if (!localStorage.getItem(flag)) return;
  try {
    me.value = await get<Me>('/me');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) localStorage.removeItem(flag);
    // Out of reach is not signed out: ask again at the next page.
    else asked = undefined;
  }
}
