import { showConfirmDialog } from 'vant';
import 'vant/es/dialog/style';

/** Asked once more before what cannot be taken back: whether the citizen means it. */
export async function isSure(title: string, message: string, { yes, no }: { yes: string; no: string }) {
  const options = { title, message, confirmButtonText: yes, cancelButtonText: no };
  return (await showConfirmDialog(options).catch(() => '')) === 'confirm';
}
