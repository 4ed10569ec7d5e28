/** PostgreSQL takes neither U+0000 nor half of a surrogate pair: they become U+FFFD, here for all that comes in. */
export const storable = (_name: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd').toWellFormed() : value;
