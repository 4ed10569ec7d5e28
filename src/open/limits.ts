import type { Cache } from '../platform/cache';
import { admit } from '../platform/limits';

/** Of one key: at 500 rows a call a million rows in a quarter of an hour. */
const byKey = { name: 'open-key', points: 120, seconds: 60 };
/** Before anything is read or looked up. A data centre puts many programs behind one address. */
const byAddress = { name: 'open-address', points: 600, seconds: 60 };

const say = (seconds: number) => `调用太频繁了，请 ${seconds} 秒后再试`;

/** @throws UserError 429 */
export const admitAddress = (address: string, cache: Cache): Promise<void> => admit(byAddress, address, cache, say);
/** After the signature, so that nobody uses up what is another's. @throws UserError 429 */
export const admitKey = (keyId: string, cache: Cache): Promise<void> => admit(byKey, keyId, cache, say);
