import { ref } from 'vue';
import { get, tell } from '../../api';
import type { Department } from './types';
import { base } from './words';

/** Whom a question can go to. */
export function useDepartments() {
  const departments = ref<Department[]>([]);
  return {
    departments,
    async load(): Promise<void> {
      try {
        departments.value = (await get<{ items: Department[] }>(`${base}/departments`)).items;
      } catch (failure) {
        tell(failure);
      }
    },
  };
}
