import type { FieldEncryption } from '../platform/field-encryption';

/** A citizen as one account knows them: who is signed in on a page, or chats. */
export type Citizen = { accountId: number; openid: string };

/** A citizen's trace that outlives them: who has not the key and the openid cannot tell whose it is. */
export const citizenHash = ({ accountId, openid }: Citizen, encryption: FieldEncryption): string =>
  encryption.blindIndex(`citizen:${accountId}:${openid}`);
