import { ref } from 'vue';
import type { From } from './types';

/** Where the phone is, once the citizen has pressed for it; never by itself. */
export function useLocating(tell: (from: From) => void) {
  const state = ref<'idle' | 'asking' | 'refused' | 'impossible'>(
    'geolocation' in navigator && window.isSecureContext ? 'idle' : 'impossible',
  );
  function locate(): void {
    state.value = 'asking';
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        state.value = 'idle';
        tell({ latitude, longitude, datum: 'wgs84' });
      },
      () => {
        state.value = 'refused';
      },
      { timeout: 10_000, enableHighAccuracy: true },
    );
  }
  return { state, locate };
}
