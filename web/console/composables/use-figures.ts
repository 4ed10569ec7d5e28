import { computed, onMounted, ref, watch } from 'vue';
import { serverNow } from '../../shared/server-time';
import { get, tell } from '../api';
import type { Asked } from '../figures';
import { dayTitle } from '../time';
import { useLoad } from './use-load';

type More = (organisation?: number) => Record<string, string | number | undefined>;

/**
 * Figures of a department over some days, read again whenever either is changed; `more` is asked with them. They begin with a month up
 * to so many days ago.
 */
export function useFigures<Report>(base: string, more: More = () => ({}), back = 0) {
  const departments = ref<{ id: number; title: string; depth: number }[]>([]);
  const organisation = ref<number>();
  const period = ref(lastDays(30, back));
  const asked = computed<Asked | undefined>(() =>
    organisation.value === undefined
      ? undefined
      : { organisation: organisation.value, from: period.value[0], to: period.value[1] },
  );
  const question = computed(() => ({ ...asked.value, ...more(organisation.value) }));
  const { data, error, loading, load } = useLoad(() => get<Report>(`${base}/figures`, question.value));

  onMounted(async () => {
    try {
      departments.value = (await get<{ items: typeof departments.value }>(`${base}/figures/departments`)).items;
      organisation.value = departments.value[0]?.id;
    } catch (failure) {
      tell(failure);
    }
  });
  watch(question, () => asked.value && load());
  return { departments, organisation, period, asked, data, error, loading, load };
}

/** So many days, the last of them today or some days back. */
export function lastDays(days: number, back = 0): [string, string] {
  const last = serverNow() - back * 86_400_000;
  return [dayTitle(new Date(last - (days - 1) * 86_400_000).toISOString()), dayTitle(new Date(last).toISOString())];
}
