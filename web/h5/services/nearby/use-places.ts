import { onScopeDispose, ref, shallowRef } from 'vue';
import { ApiError, send } from '../../api';
import { accountKey } from '../../session';
import type { Found, From, Place } from './types';

/** Places by where the phone is, by district, or all of them; page after page. Sent, not asked for: a place belongs in no address. */
export function usePlaces() {
  const from = shallowRef<From>();
  const district = ref('');
  const found = shallowRef<Found>();
  const places = shallowRef<Place[]>([]);
  const fault = ref<ApiError>();
  const loading = ref(false);
  let asked = 0;

  async function load(after = 0): Promise<void> {
    const mine = ++asked;
    fault.value = undefined;
    loading.value = true;
    try {
      const answer = await send<Found>('/nearby', {
        account: accountKey(),
        from: from.value,
        district: district.value || undefined,
        after,
      });
      if (mine !== asked) return;
      found.value = answer;
      places.value = after === 0 ? answer.places : [...places.value, ...answer.places];
    } catch (error) {
      if (mine === asked) fault.value = error instanceof ApiError ? error : new ApiError(0, '没有加载出来');
    } finally {
      if (mine === asked) loading.value = false;
    }
  }
  onScopeDispose(() => {
    asked++;
  });
  void load();

  return {
    from,
    district,
    found,
    places,
    fault,
    loading,
    load,
    more: () => load(found.value?.next ?? 0),
  };
}
