import { ref, watchEffect } from 'vue';
import { keep, kept } from '../storage';

const large = ref(kept('large-text') === 'on');

watchEffect(() => {
  document.documentElement.classList.toggle('large-text', large.value);
  keep('large-text', large.value ? 'on' : 'off');
});

/** 关怀版: large letters on every page, kept on this phone. */
export const useLargeText = () => large;
