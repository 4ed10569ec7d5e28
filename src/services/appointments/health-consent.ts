import type { Question } from '../../dialogue/flow';
import { refusalWords } from '../../dialogue/refusal';
import type { ServiceContext, ServiceDeps } from '../../dialogue/service';
import type { Citizen } from '../../people/citizen';
import { giveConsent, haveAgreed, versionOf } from '../../people/identity/consents';
import { UserError } from '../../platform/errors';
import { gather } from './gather';
import { lately } from './lately';

/** The hospital, its department and the time say something of somebody's health, so a citizen agrees to it by itself first (PIPL, article 29). */
export async function asksHealth(citizen: Citizen, resourceId: number, deps: ServiceDeps): Promise<boolean> {
  if (!(await lately(`hospital ${resourceId}`, deps, () => isAtHospital(resourceId, deps)))) return false;
  return !(await agreesGathered(citizen, deps));
}
const agreesGathered = gather((citizens: Citizen[], deps: ServiceDeps) =>
  haveAgreed(deps.db, citizens, { kind: 'health', text: healthText(deps) }),
);

/** @throws UserError 422 for a place of a hospital, until the citizen has agreed to the text as it reads now */
export async function mustAgree(citizen: Citizen, resourceId: number, deps: ServiceDeps): Promise<void> {
  if (await asksHealth(citizen, resourceId, deps))
    throw new UserError(422, 'health-consent-needed', '预约医院要先单独同意《医疗健康信息授权说明》');
}

/** In the chat: the text, to be agreed to; the answer is the version that was read. */
export const healthQuestion: Question<unknown, string> = {
  about: ({ deps }) => shortened(healthText(deps)),
  offer: (_answers, { deps }) => [{ value: versionOf(healthText(deps)), label: '我已阅读并同意' }],
  read: (said, offered) => {
    const agreed = said.kind === 'text' && /^(?:1|１|一|同意|我同意|我已阅读并同意)$/.test(said.text);
    const [version] = offered;
    return agreed && version
      ? { value: version.value }
      : { expected: '同意请回复 1；不同意就不能在这里约医院的号，请回复「取消」' };
  },
};

/**
 * Keeps what was agreed to in the chat, whatever becomes of the booking. @returns why it does not hold, in words for the citizen
 */
export async function keepAgreed(
  { health: version }: { health?: string },
  { deps, account, openid, at }: ServiceContext,
): Promise<string | undefined> {
  if (version === undefined) return undefined;
  const consent = { kind: 'health' as const, text: healthText(deps), agreedTo: version, at };
  try {
    await deps.db.transaction((tx) => giveConsent(tx, { accountId: account.id, openid }, consent));
    return undefined;
  } catch (error) {
    return refusalWords(error);
  }
}

/** A message holds no more than this beside the options; the page has the whole. */
const mostShown = 450;
const shortened = (text: string) =>
  text.length > mostShown ? `${text.slice(0, mostShown)}……（全文在「我的 → 授权说明和撤回」）` : text;

const healthText = ({ texts }: Pick<ServiceDeps, 'texts'>) => texts.say('consent.health');

async function isAtHospital(resourceId: number, { db }: ServiceDeps): Promise<boolean> {
  const found = await db.query(
    `SELECT 1 AS one FROM appointment_resources r JOIN organisations o ON o.id = r.organisation_id
       JOIN organisations h ON h.kind = 'hospital' AND starts_with(o.path, h.path) WHERE r.id = $1`,
    [resourceId],
  );
  return found.length > 0;
}
