import type { ConsentKind, ConsentState } from './types';

export const states: Record<ConsentState['state'], string> = {
  none: '没有同意',
  given: '已同意',
  outdated: '说明有更新，请重新阅读',
};

/** What a tick beside a text says: of the family, that it holds for the very person who is being registered. */
export const declarations: Record<ConsentKind, string> = {
  identity: '我已阅读并同意',
  family: '我已阅读并声明：这位家人本人同意由我代办，或我是其监护人',
  guardian: '我已阅读并声明：我是这名儿童的监护人，同意登记',
  health: '我已阅读并同意',
};
