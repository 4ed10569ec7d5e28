import { ElMessage } from 'element-plus';
import { ref } from 'vue';
import { get, post, tell } from '../../api';
import type { Counts, CountsNow, Duty } from './types';
import { base } from './words';

/** How many there are in each queue, and whether one is at one's desk: what stands in the left column. */
export function useCounts() {
  const counts = ref<Counts>({});
  const duty = ref<Duty>('');
  const changing = ref(false);

  async function count(): Promise<void> {
    const fresh = await get<CountsNow>(`${base}/counts`).catch(() => null);
    if (!fresh) return;
    counts.value = fresh;
    if (!changing.value) duty.value = fresh.onDuty ? 'there' : 'away';
  }

  async function setDuty(there: boolean): Promise<void> {
    if (changing.value) return;
    changing.value = true;
    try {
      await post(`${base}/duty`, { onDuty: there });
      duty.value = there ? 'there' : 'away';
      ElMessage.success({
        message: there ? '您已在岗，新的提问会分给您' : '您已离岗，新的提问不再分给您',
        grouping: true,
      });
    } catch (failure) {
      tell(failure);
    } finally {
      changing.value = false;
    }
  }

  return { counts, duty, changing, count, setDuty };
}
