import { computed, ref, watch } from 'vue';
import { serverNow } from '../../shared/server-time';
import { get } from '../api';
import type { Asked } from '../figures';
import { dayTitle } from '../time';
import { useLoad } from './use-load';

type Department = { id: number; title: string; depth: number };
type More = (organisation?: number) => Record<string, string | number | undefined>;

/**
 * Figures of a department over some days, read again whenever either is changed; `more` is asked with them. They begin with a month up
 * to so many days ago.
 */
export function useFigures<Report>(base: string, more: More = () => ({}), back = 0) {
  const own = useLoad(() => get<{ items: Department[] }>(`${base}/figures/departments`));
  const departments = computed(() => own.data.value?.items ?? []);
  const organisation = ref<number>();
  const period = ref(lastDays(30, back));
  const asked = computed<Asked | undefined>(() =>
    organisation.value === undefined
      ? undefined
      : { organisation: organisation.value, from: period.value[0], to: period.value[1] },
  );
  const question = computed(() => ({ ...asked.value, ...more(organisation.value) }));
  const report = useLoad(() => get<Report>(`${base}/figures`, question.value));
  const { data } = report;

  watch(departments, ([first]) => {
    organisation.value = first?.id;
  });
  watch(question, () => asked.value && report.load());
  void own.load();
  const error = computed(() => own.error.value || report.error.value);
  return {
    departments,
    organisation,
    period,
    asked,
    data,
    error,
    loading: computed(
      () => own.loading.value || report.loading.value || (asked.value !== undefined && !data.value && !error.value),
    ),
    load: () => (asked.value ? report.load() : own.load()),
  };
}

/** So many days, the last of them today or some days back. */
export function lastDays(days: number, back = 0): [string, string] {
  const last = serverNow() - back * 86_400_000;
  return [dayTitle(new Date(last - (days - 1) * 86_400_000).toISOString()), dayTitle(new Date(last).toISOString())];
}
