import { computed, ref, watch } from 'vue';
import { api } from '../api';
import type { Account, Citizen } from '../types';

export type World = ReturnType<typeof useWorld>;

/** Which accounts and citizens there are, and whose phone is being looked at. The choice stays in the address. */
export function useWorld() {
  const query = new URLSearchParams(window.location.search);
  const accounts = ref<Account[]>([]);
  const citizens = ref<Citizen[]>([]);
  const accountKey = ref('');
  const openid = ref('');

  const account = computed(() => accounts.value.find(({ key }) => key === accountKey.value));
  const citizen = computed(() => citizens.value.find((one) => one.openid === openid.value));

  async function start() {
    accounts.value = await api.accounts();
    const wanted = query.get('account');
    accountKey.value = (accounts.value.find(({ key }) => key === wanted) ?? accounts.value[0])?.key ?? '';
    if (accountKey.value) await enter(query.get('openid') ?? undefined);
  }

  async function chooseAccount(key: string) {
    const name = citizen.value?.name;
    accountKey.value = key;
    openid.value = '';
    await enter();
    // The same person has another openid with every account.
    const same = citizens.value.find((one) => one.name === name);
    if (same) openid.value = same.openid;
  }

  async function enter(wanted?: string) {
    await loadCitizens();
    if (wanted) openid.value = wanted;
    else if (citizens.value[0]) openid.value = citizens.value[0].openid;
    else await addCitizen();
  }

  async function loadCitizens() {
    const key = accountKey.value;
    const list = await api.citizens(key);
    if (key === accountKey.value) citizens.value = list;
  }

  async function addCitizen(name?: string) {
    const made = await api.addCitizen(accountKey.value, name);
    await loadCitizens();
    openid.value = made.openid;
  }

  function chooseCitizen(chosen: string) {
    openid.value = chosen;
    const one = citizen.value;
    if (one) one.unread = 0;
  }

  watch([accountKey, openid], () => {
    const next = new URLSearchParams({ account: accountKey.value, openid: openid.value });
    window.history.replaceState(null, '', `?${next}`);
  });

  return {
    accounts,
    citizens,
    accountKey,
    openid,
    account,
    citizen,
    start,
    chooseAccount,
    chooseCitizen,
    addCitizen,
    loadCitizens,
  };
}
