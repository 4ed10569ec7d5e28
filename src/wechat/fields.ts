import type { Fields, FieldValue } from '../dialogue/message';

// Reading a tree whose shape nobody guarantees: each of these gives what it promises, whatever stands there.

const none: Fields = Object.freeze(Object.create(null));

/** The text of an element; of the first where it repeats; '' where it is absent or holds elements. */
export function text(value: FieldValue | undefined): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? text(value[0]) : '';
}

/** An int64 id, kept as text: a JavaScript number would change its last digits. '' for anything else. */
export function digits(value: FieldValue | undefined): string {
  const found = text(value);
  return /^\d{1,20}$/.test(found) ? found : '';
}

/** A coordinate or the like; 0 for what is no number. */
export function number(value: FieldValue | undefined): number {
  const found = Number(text(value));
  return Number.isFinite(found) ? found : 0;
}

/** A count or a time; 0 for what is not a whole number that JavaScript can hold. */
export function count(value: FieldValue | undefined): number {
  const found = number(value);
  return Number.isSafeInteger(found) ? found : 0;
}

/** The elements inside an element; none where there are none. */
export function fieldsOf(value: FieldValue | undefined): Fields {
  if (Array.isArray(value)) return fieldsOf(value[0]);
  return typeof value === 'object' ? value : none;
}

/** Elements that repeat without a wrapper: absent, one, or several, always as a list. */
export function list(value: FieldValue | undefined): Fields[] {
  return several(value).filter((one): one is Fields => typeof one === 'object' && !Array.isArray(one));
}

/** The same for elements that hold text. */
export function texts(value: FieldValue | undefined): string[] {
  return several(value).filter((one): one is string => typeof one === 'string' && one !== '');
}

function several(value: FieldValue | undefined): FieldValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
