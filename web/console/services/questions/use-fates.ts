import { onBeforeUnmount, type Ref, watch } from 'vue';
import type { Question } from './types';

const unsettled = /^(queued|sending|sent)$/;
const longest = 60_000;

/** What becomes of a message is known a little later: looked at again, less and less often, until it is settled. */
export function useFates(question: Ref<Question | undefined>, load: () => Promise<void>): void {
  let timer: number | undefined;
  let pause = 0;
  let messages = 0;
  watch(question, (fresh) => {
    window.clearTimeout(timer);
    if (!fresh?.messages.some(({ fate }) => fate && unsettled.test(fate.status))) return;
    pause = fresh.messages.length === messages ? Math.min(longest, pause * 2) : 700;
    messages = fresh.messages.length;
    timer = window.setTimeout(load, pause);
  });
  onBeforeUnmount(() => window.clearTimeout(timer));
}
