import { ref } from 'vue';
import { ApiError, send } from '../../api';
import { accountKey } from '../../session';
import { forgetHere, keepHere, keptHere } from '../../storage';

/** What a citizen said about an entry; said before signing in, it is sent when the page is back from there. */
export function useVerdict(id: string) {
  const said = ref<boolean>();
  const busy = ref(false);
  const fault = ref('');
  const place = `verdict:${id}`;

  async function say(helped: boolean): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    fault.value = '';
    try {
      // Outside WeChat nobody is known: the words below the buttons help all the same.
      if (accountKey() !== '') {
        keepHere(place, String(helped));
        await send(`/knowledge/${encodeURIComponent(id)}/verdict`, { helped });
      }
      said.value = helped;
    } catch (error) {
      fault.value = error instanceof ApiError ? error.message : '没有发出去，请再试一次';
    } finally {
      forgetHere(place);
      busy.value = false;
    }
  }

  const before = keptHere(place);
  if (before !== null) void say(before === 'true');
  return { said, busy, fault, say };
}
