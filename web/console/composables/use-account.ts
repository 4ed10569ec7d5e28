import { computed, ref } from 'vue';
import { get, wordsOf } from '../api';
import type { Account } from '../types';

const key = 'weiban.account';
const accounts = ref<Account[]>([]);
const accountsKnown = ref(false);
const accountsError = ref('');
const chosen = ref(localStorage.getItem(key) ?? '');

/** The accounts one can see, and the one that all pages are about. */
export function useAccount() {
  return {
    accounts,
    accountsKnown,
    accountsError,
    account: computed({
      get: () => accounts.value.find((one) => one.key === chosen.value)?.key ?? accounts.value[0]?.key ?? '',
      set: (fresh: string) => {
        chosen.value = fresh;
        localStorage.setItem(key, fresh);
      },
    }),
    async loadAccounts(): Promise<void> {
      accountsError.value = '';
      try {
        accounts.value = (await get<{ accounts: Account[] }>('/accounts')).accounts;
        accountsKnown.value = true;
      } catch (failure) {
        accountsError.value = wordsOf(failure);
      }
    },
  };
}
