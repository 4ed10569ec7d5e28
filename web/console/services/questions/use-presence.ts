import { onBeforeUnmount, type Ref, ref, watch } from 'vue';
import { post } from '../../api';
import { base } from './words';

/** Who has not touched a key for so long is not typing any more, whatever stands in the field. */
const pauseMillis = 15_000;

/** Tells colleagues that this question is being looked at, or answered: again and again, since it fades by itself. */
export function usePresence(id: string, text: Ref<string>): void {
  const typing = ref(false);
  let pause: number | undefined;
  const say = () => {
    if (!document.hidden)
      void post(`${base}/${id}/presence`, { doing: typing.value ? 'typing' : 'viewing' }).catch(() => undefined);
  };
  watch(text, (words) => {
    window.clearTimeout(pause);
    typing.value = words.trim() !== '';
    pause = window.setTimeout(() => {
      typing.value = false;
    }, pauseMillis);
  });
  const timer = window.setInterval(say, 20_000);
  watch(typing, say, { immediate: true });
  onBeforeUnmount(() => {
    window.clearInterval(timer);
    window.clearTimeout(pause);
  });
}
