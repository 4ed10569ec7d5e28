import { ref, watchEffect } from 'vue';

const stored = 'phone.large-text';

/** Older people read the service number with large letters; so should whoever tries it out. */
export function useLargeText() {
  const large = ref(window.localStorage.getItem(stored) === 'on');
  watchEffect(() => {
    document.documentElement.classList.toggle('large-text', large.value);
    window.localStorage.setItem(stored, large.value ? 'on' : 'off');
  });
  return large;
}
