import { showToast } from 'vant';
import 'vant/es/toast/style';

/** Puts a text on the phone's clipboard and says so. Old phones have only the second way. */
export async function copy(text: string, done: string): Promise<void> {
  const copied = (await byClipboard(text)) || bySelection(text);
  showToast({ message: copied ? done : '这部手机不让复制，请长按文字复制', wordBreak: 'break-all' });
}

async function byClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function bySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    field.remove();
  }
}
