import { computed, onScopeDispose, ref } from 'vue';
import { ApiError, send } from '../api';

/** Of what was typed or pasted: phones copy numbers with blanks and marks. */
export const digitsOf = (text: string): string => text.normalize('NFKC').replace(/\D/g, '');

/** Asks for a text message with a code, at most once a minute. */
export function usePhoneCode() {
  const left = ref(0);
  const fault = ref('');
  const sending = ref(false);
  let timer: number | undefined;
  onScopeDispose(() => window.clearInterval(timer));

  async function ask(phone: string): Promise<void> {
    if (/^(86)?1[3-9]\d{9}$/.test(digitsOf(phone))) await get('/phone-codes', { phone });
    else fault.value = '请先填写 11 位手机号';
  }

  /** To the phone that is registered, which the page does not know. */
  const askRegistered = () => get('/privacy/codes', {});

  async function get(path: string, body: object): Promise<void> {
    fault.value = '';
    sending.value = true;
    try {
      await send(path, body);
      left.value = 60;
      window.clearInterval(timer);
      timer = window.setInterval(() => {
        left.value--;
        if (left.value <= 0) window.clearInterval(timer);
      }, 1000);
    } catch (error) {
      fault.value = error instanceof ApiError ? error.message : '没有发出去，请再试一次';
    } finally {
      sending.value = false;
    }
  }

  const title = computed(() => (left.value > 0 ? `${left.value} 秒后重发` : '获取验证码'));
  return { ask, askRegistered, title, fault, waiting: computed(() => left.value > 0 || sending.value) };
}
