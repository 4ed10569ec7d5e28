import type { Template } from './templates';
import type { Simulator } from './types';

/** «总是保持以上选择»: a long-term consent stays until it is taken back. */
const always = 1_000_000_000;

/** The citizen allows a notice: one more of a one-time template, any number of a long-term one. */
export async function allowNotice({ db }: Simulator, account: string, openid: string, { template_id, kind }: Template) {
  await db.query(
    `INSERT INTO simulator.consents AS c (account, openid, template_id, remaining) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account, openid, template_id)
     DO UPDATE SET remaining = CASE WHEN excluded.remaining = 1 THEN c.remaining + 1 ELSE excluded.remaining END`,
    [account, openid, template_id, kind === 'long-term' ? always : 1],
  );
}

export async function withdrawNotice({ db }: Simulator, account: string, openid: string, templateId: string) {
  await db.query('DELETE FROM simulator.consents WHERE account = $1 AND openid = $2 AND template_id = $3', [
    account,
    openid,
    templateId,
  ]);
}

/** Uses up one consent; false when there is none left. */
export async function spendConsent(
  { db }: Simulator,
  account: string,
  openid: string,
  templateId: string,
): Promise<boolean> {
  const spent = await db.query(
    `WITH spent AS (
       UPDATE simulator.consents SET remaining = CASE WHEN remaining = $4 THEN remaining ELSE remaining - 1 END
       WHERE account = $1 AND openid = $2 AND template_id = $3 AND remaining > 0 RETURNING template_id)
     SELECT template_id FROM spent`,
    [account, openid, templateId, always],
  );
  return spent.length > 0;
}

export async function hasConsent(
  { db }: Simulator,
  account: string,
  openid: string,
  templateId: string,
): Promise<boolean> {
  const found = await db.query(
    'SELECT 1 AS one FROM simulator.consents WHERE account = $1 AND openid = $2 AND template_id = $3 AND remaining > 0',
    [account, openid, templateId],
  );
  return found.length > 0;
}
