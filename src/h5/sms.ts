import type { Citizen } from '../people/citizen';
import { makeCode, tryCode, useUpCode } from '../people/identity/phone-codes';
import type { Tx } from '../platform/database';
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

/**
 * In a transaction of its own, so that the try counts. What else is in the way is asked, and told, only behind the right code: it may
 * say something of those who are registered. The code is not used up then.
 * @throws UserError 422 unless it is the phone's last code, or what is in the way
 */
export async function mustHoldPhone(
  caller: Citizen,
  given: { phone: string; code: string },
  deps: H5Deps,
  inTheWay: (tx: Tx) => Promise<UserError | undefined> = async () => undefined,
): Promise<void> {
  const at = deps.clock.now();
  const fault = await deps.db.transaction(async (tx) => {
    const code = await tryCode(tx, { ...caller, ...given, at }, deps.encryption);
    if (!code) return wrongCode();
    const fault = await inTheWay(tx);
    if (!fault) await useUpCode(tx, code, at);
    return fault;
  });
  if (fault) throw fault;
}

function wrongCode(): UserError {
  const fault = '验证码不对或已过期，请重新获取';
  return new UserError(422, 'wrong-code', fault, { code: fault });
}
