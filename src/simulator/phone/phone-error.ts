import { z } from 'zod';

/** What the person at the phone page did wrong, told in Chinese. */
export class PhoneError extends Error {
  override name = 'PhoneError';
  constructor(
    readonly status: 400 | 404 | 409 | 413,
    message: string,
  ) {
    super(message);
  }
}

const chinese = z.locales.zhCN().localeError;

/** The input, checked; what is wrong with it is said with its place. */
export function check<T>(shape: z.ZodType<T>, input: unknown): T {
  const parsed = shape.safeParse(input, { error: chinese });
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}：${message}` : message,
  );
  throw new PhoneError(400, told.join('；'));
}
