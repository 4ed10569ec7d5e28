import type { Citizen } from '../people/citizen';
import { makeCode, useCode } from '../people/identity/phone-codes';
import { UserError } from '../platform/errors';
import { admit } from '../platform/limits';
import type { H5Deps } from './deps';

/** Messages cost money and ring phones: setting `identity.sms-per-address`, an hour. */
const perAddress = 60;

/** Sends a code to a phone. @throws UserError 429 for one too many, 503 when it did not leave */
export async function sendCode(caller: Citizen, to: string, address: string, deps: H5Deps): Promise<void> {
  const most = deps.serviceDeps.settings.get('identity.sms-per-address', perAddress);
  await admit(
    { name: 'h5.sms', points: most, seconds: 3600 },
    address,
    deps.cache,
    (seconds) => `这里获取的验证码太多，请 ${Math.ceil(seconds / 60)} 分钟后再试，或换一个网络`,
  );
  const code = await deps.db.transaction((tx) =>
    makeCode(tx, { ...caller, phone: to, at: deps.clock.now() }, deps.encryption),
  );
  try {
    await deps.sms.send({
      ...caller,
      phone: to,
      text: deps.texts.say('identity.sms-code', { code }, caller.accountId),
    });
  } catch (error) {
    deps.log.error({ error: (error as Error).message }, 'a text message did not leave');
    throw new UserError(503, 'sms-unavailable', '短信没有发出去，请过一分钟再试');
  }
}

/** In a transaction of its own, so that a wrong try counts. @throws UserError 422 unless it is the phone's last code */
export async function mustHoldPhone(caller: Citizen, given: { phone: string; code: string }, deps: H5Deps) {
  const at = deps.clock.now();
  const right = await deps.db.transaction((tx) => useCode(tx, { ...caller, ...given, at }, deps.encryption));
  const fault = '验证码不对或已过期，请重新获取';
  if (!right) throw new UserError(422, 'wrong-code', fault, { code: fault });
}
