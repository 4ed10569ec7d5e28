import type { SimulatedAccount, Simulator } from '../types';

/** A citizen of one account, about to do something. */
export type Actor = { sim: Simulator; account: SimulatedAccount; openid: string };
