/**
 * What time it is at the server: phones, and boxes behind the screens in halls, are minutes and days off. Counted on from what was heard
 * last, not by the device's clock: that may be put right at any time.
 */
let known = mark(Date.now());

export const serverNow = (): number => Math.floor(known.there + performance.now() - known.at);

/**
 * Every answer says what time it was there when the request began, so between the moment it was sent, by `performance.now()`, and now.
 * What fits in between is no difference: a photo is on its way for long, and its answer says nothing newer.
 */
export function hearTime({ headers }: Response, sent: number): void {
  const there = Date.parse(headers.get('x-server-time') ?? '');
  if (Number.isNaN(there)) return;
  const now = serverNow();
  const asked = now - (performance.now() - sent);
  if (there > now) known = mark(there);
  else if (there < asked) known = mark(now + there - asked);
}

// While a device sleeps the count may stand still, and its clock goes on. Before it sleeps, what it showed is hidden.
document.addEventListener('visibilitychange', () => {
  known = mark(document.hidden ? serverNow() : known.there + Date.now() - known.device);
});

function mark(there: number) {
  return { there, at: performance.now(), device: Date.now() };
}
