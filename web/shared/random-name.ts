/** 32 hexadecimal digits that nobody can guess; `crypto.randomUUID` exists on https alone. */
export const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
