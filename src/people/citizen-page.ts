import type { Accounts } from './accounts';

/**
 * The address of a page for citizens, as a message carries it: with the account, or a phone that has never opened a page of it could
 * not be signed in there, and one that knows another account would be signed in to that.
 */
export const citizenPage = (
  { publicUrl, accounts }: { publicUrl: string; accounts: Pick<Accounts, 'byId'> },
  accountId: number,
  path: string,
): string => `${publicUrl}/h5/?account=${accounts.byId(accountId)?.key ?? ''}#${path}`;
