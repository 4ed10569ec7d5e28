import { ref, watch } from 'vue';

const key = 'weiban.large-text';
const large = ref(localStorage.getItem(key) === '1');

/** Everything a quarter larger, for tired eyes and small screens. */
export const useLargeText = () => large;

export function followLargeText(): void {
  const apply = () => document.documentElement.classList.toggle('large', large.value);
  watch(large, (wanted) => {
    localStorage.setItem(key, wanted ? '1' : '0');
    apply();
  });
  apply();
}
