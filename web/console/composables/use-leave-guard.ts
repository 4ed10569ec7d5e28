import { ElMessageBox } from 'element-plus';
import { onBeforeRouteLeave, onBeforeRouteUpdate, type RouteLocationNormalized } from 'vue-router';

/** Asks before another page, or another of the same kind, takes the place of changes that are not saved. */
export function useLeaveGuard(changed: () => boolean) {
  const mayLeave = async (): Promise<boolean> => !changed() || ask();
  const mayGo = async (to: RouteLocationNormalized): Promise<boolean> => !changed() || askOnce(to);
  onBeforeRouteLeave(mayGo);
  onBeforeRouteUpdate((to, from) => to.path === from.path || mayGo(to));
  return { mayLeave };
}

/** A page may have several forms: who goes is asked by the first of those that were changed, and has answered for all. */
function askOnce(to: RouteLocationNormalized): Promise<boolean> {
  const answer = answers.get(to) ?? ask();
  answers.set(to, answer);
  return answer;
}
const answers = new WeakMap<RouteLocationNormalized, Promise<boolean>>();

const ask = (): Promise<boolean> =>
  ElMessageBox.confirm('改动还没有保存，离开后会丢失。', '不保存就离开？', {
    confirmButtonText: '离开',
    cancelButtonText: '留下',
    type: 'warning',
  }).then(
    () => true,
    () => false,
  );
