import { ElMessage, ElMessageBox } from 'element-plus';
import { ref } from 'vue';
import { post, tell } from '../../api';
import type { Earlier } from './types';
import { base } from './words';

export type Acts = ReturnType<typeof useActs>;

/** What staff do to a question besides writing; one at a time, so that a double click does it once. */
export function useActs(id: string, after: () => Promise<void>) {
  const busy = ref('');

  /** @throws what the server refuses, for a dialog that says so itself */
  async function run(path: string, body: object | undefined, said: string): Promise<void> {
    busy.value = path;
    try {
      await post(`${base}/${id}/${path}`, body);
      ElMessage.success({ message: said, grouping: true });
    } finally {
      busy.value = '';
    }
    await after();
  }

  /** @returns whether it was done; why not, is told */
  async function act(path: string, body: object | undefined, said: string): Promise<boolean> {
    if (busy.value) return false;
    try {
      await run(path, body, said);
      return true;
    } catch (failure) {
      tell(failure);
      return false;
    }
  }

  async function merge(into: Earlier): Promise<void> {
    const sure = await ElMessageBox.confirm(
      `以后的往来都在 ${into.number} 里，这个提问随之结束。不能撤回。`,
      `并入 ${into.number}？`,
      { confirmButtonText: '并入', cancelButtonText: '取消' },
    ).catch(() => null);
    if (sure) await act('merge', { into: into.id }, `已并入 ${into.number}`);
  }

  return { busy, run, act, merge };
}
