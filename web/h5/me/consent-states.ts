import type { ConsentState } from './types';

export const states: Record<ConsentState['state'], string> = {
  none: '没有同意',
  given: '已同意',
  outdated: '说明有更新，请重新阅读',
};
