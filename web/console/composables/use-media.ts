import { onBeforeUnmount, ref } from 'vue';

export function useMedia(query: string) {
  const media = window.matchMedia(query);
  const matches = ref(media.matches);
  const follow = () => {
    matches.value = media.matches;
  };
  media.addEventListener('change', follow);
  onBeforeUnmount(() => media.removeEventListener('change', follow));
  return matches;
}
