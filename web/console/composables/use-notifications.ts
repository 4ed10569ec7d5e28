import { ref } from 'vue';
import { get, post } from '../api';
import type { Notification, Page } from '../types';

type Bell = Page<Notification> & { unread: number };

const unread = ref(0);
const items = ref<Notification[]>([]);
const key = 'weiban.browser-notifications';
/** Whether the browser shows them too, while another page is in front. */
const inBrowser = ref(
  localStorage.getItem(key) === '1' && 'Notification' in window && Notification.permission === 'granted',
);

/** The bell: what concerns whoever is signed in. */
export function useNotifications() {
  return { unread, items, inBrowser, refresh, read, readAll, showInBrowser };
}

/** `open`: something has just come; the browser shows the newest where that is wanted, and this opens its page. */
async function refresh(open?: (link: string) => unknown): Promise<void> {
  const bell = await get<Bell>('/notifications', { limit: 20 }).catch(() => null);
  if (!bell) return;
  const newest = bell.items[0];
  if (open && newest && !newest.read && inBrowser.value && document.hidden) {
    const shown = new window.Notification('微办工作台', { body: newest.title, tag: newest.id });
    shown.onclick = () => {
      window.focus();
      shown.close();
      open(newest.link);
      void read(newest);
    };
  }
  items.value = bell.items;
  unread.value = bell.unread;
}

async function read(one: Notification): Promise<void> {
  if (one.read) return;
  unread.value = (await post<{ unread: number }>(`/notifications/${one.id}/read`)).unread;
  items.value = items.value.map((item) => (item.id === one.id ? { ...item, read: true } : item));
}

async function readAll(): Promise<void> {
  await post('/notifications/read');
  await refresh();
}

async function showInBrowser(wanted: boolean): Promise<void> {
  const allowed = wanted && 'Notification' in window && (await Notification.requestPermission()) === 'granted';
  inBrowser.value = allowed;
  localStorage.setItem(key, allowed ? '1' : '0');
}
