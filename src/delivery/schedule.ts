const minute = 60_000;
const day = 24 * 60 * minute;

/** As GOV.UK Notify does it: every five minutes, 48 times; what is not through after three days has failed. */
export const retryMillis = 5 * minute;
export const mostAttempts = 48;
export const giveUpMillis = 3 * day;

/** Nothing was tried: looks again soon, which costs no attempt. */
export const pausedMillis = 30_000;

/** A send that may have landed is repeated soon, while the platform still knows its client_msg_id. */
export const unsureMillis = minute;
/** The platform keeps a client_msg_id ten minutes; its clock is not ours. */
export const clientMsgMillis = 9 * minute;

/** A receipt that has not come by then will not come. */
export const receiptMillis = 3 * day;

/** How long a live process may seem dead (its event connection fell) before another takes its sends for lost. */
export const patienceMillis = 30_000;

const shanghai = 8 * 60 * minute;

/** Quotas are counted anew at midnight in Beijing; five minutes later everyone's clock agrees that it was. */
export function afterMidnight(now: Date): Date {
  const local = now.getTime() + shanghai;
  return new Date(local - (local % day) + day + 5 * minute - shanghai);
}

export const later = (now: Date, millis: number) => new Date(now.getTime() + millis);
