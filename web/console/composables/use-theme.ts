import { ref, watch } from 'vue';

export type Theme = 'auto' | 'light' | 'dark';

const key = 'weiban.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const theme = ref<Theme>((localStorage.getItem(key) as Theme | null) ?? 'auto');

/** Light, dark, or as the system has it. */
export const useTheme = () => theme;

export function followTheme(): void {
  const apply = () => {
    const isDark = theme.value === 'dark' || (theme.value === 'auto' && dark.matches);
    document.documentElement.classList.toggle('dark', isDark);
  };
  dark.addEventListener('change', apply);
  watch(theme, (chosen) => {
    localStorage.setItem(key, chosen);
    apply();
  });
  apply();
}
