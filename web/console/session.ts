import { computed, ref } from 'vue';
import { ApiError, get, post } from './api';
import type { Me, Role } from './types';

const me = ref<Me | null>(null);
let asked: Promise<void> | undefined;

/** Who is signed in. The session itself is in a cookie that scripts cannot read. */
export function useSession() {
  return {
    me,
    roles: computed(() => me.value?.roles ?? []),
    holds: (...roles: Role[]) => roles.some((role) => me.value?.roles.includes(role)),
    /** Asks once whether there is a session. */
    ready: () => (asked ??= askWhoIAm()),
    async signIn(username: string, password: string): Promise<void> {
      me.value = await post<Me>('/login', { username, password });
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
  try {
    me.value = await get<Me>('/me');
  } catch (error) {
    // Out of reach is not signed out: ask again at the next page.
    if (!(error instanceof ApiError && error.status === 401)) asked = undefined;
  }
}
