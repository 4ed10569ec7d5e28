import { ElMessageBox } from 'element-plus';
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router';

/** Asks before another page, or another of the same kind, takes the place of changes that are not saved. */
export function useLeaveGuard(changed: () => boolean) {
  async function mayLeave(): Promise<boolean> {
    if (!changed()) return true;
    return ElMessageBox.confirm('改动还没有保存，离开后会丢失。', '不保存就离开？', {
      confirmButtonText: '离开',
      cancelButtonText: '留下',
      type: 'warning',
    }).then(
      () => true,
      () => false,
    );
  }
  onBeforeRouteLeave(mayLeave);
  onBeforeRouteUpdate((to, from) => to.path === from.path || mayLeave());
  return { mayLeave };
}
