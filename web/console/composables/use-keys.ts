import { onBeforeUnmount, onMounted } from 'vue';

/** Single keys do what their name says, except while someone types, and while a dialog is open. */
export function useKeys(acts: Record<string, () => void>): void {
  const onKey = (event: KeyboardEvent) => {
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector('.el-overlay:not([style*="display: none"])')) return;
    event.preventDefault();
    act();
  };
  onMounted(() => window.addEventListener('keydown', onKey));
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey));
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
