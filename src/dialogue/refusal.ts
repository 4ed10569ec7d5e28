import { UserError } from '../platform/errors';

/** What a citizen is told of a refusal. @throws what is none, as it came: a fault of ours */
export function refusalWords(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
