import type { Queryable } from '../platform/database';
import { deliver, fail } from './endings';
import type { Citizen, DeliveryDeps, Row } from './row';
import { lockSession } from './windows';

/** TEMPLATESENDJOBFINISH */
export type TemplateReceipt = { accountId: number; openid?: string; msgId: string; status: string };
/** One entry of subscribe_msg_sent_event */
export type SubscribeReceipt = {
  accountId: number;
  openid?: string;
  templateId: string;
  msgId: string;
  errorCode: string;
  errorStatus: string;
};

type Receipt = { msgId: string; ok: boolean; code: string; reason: string };
type Deps = Pick<DeliveryDeps, 'clock' | 'metrics' | 'onFate'>;

/** How a template message ended: `success`, `failed:user block`, `failed: system failed`. */
export function confirmTemplate(
  on: Queryable,
  { accountId, openid, msgId, status }: TemplateReceipt,
  deps: Deps,
): Promise<void> {
  const ok = /^success$/i.test(status.trim());
  return confirm(on, { accountId, openid, channel: 'template' }, { msgId, ok, ...words(status) }, deps);
}

/** How a subscription notice ended. */
export function confirmSubscribe(on: Queryable, receipt: SubscribeReceipt, deps: Deps): Promise<void> {
  const { accountId, openid, msgId, templateId, errorCode, errorStatus } = receipt;
  const ok = errorCode === '0' || (errorCode === '' && /^success$/i.test(errorStatus.trim()));
  const told = words(errorStatus);
  return confirm(
    on,
    { accountId, openid, channel: 'subscribe', templateId },
    { msgId, ok, code: errorCode && errorCode !== '0' ? errorCode : told.code, reason: told.reason },
    deps,
  );
}

function words(status: string): { code: string; reason: string } {
  if (/block|refuse|reject/i.test(status)) return { code: 'user-block', reason: '市民拒收了公众号的通知' };
  if (/system/i.test(status)) return { code: 'system-failed', reason: '微信平台内部发送失败' };
  return { code: 'receipt-failed', reason: `微信平台报告没有送达：${status.slice(0, 100)}` };
}

type Match = Partial<Citizen> & { accountId: number; channel: 'template' | 'subscribe'; templateId?: string };

/**
 * By its number; else the send of this citizen whose answer is still out. Receipts overtake answers, and for a send whose answer
 * never came the receipt is the only one to tell: it then ends the doubt.
 */
async function confirm(on: Queryable, match: Match, receipt: Receipt, deps: Deps): Promise<void> {
  const { accountId, openid, channel, templateId } = match;
  // The session before the delivery, as whoever stores a send's end does it.
  if (openid !== undefined) await lockSession(on, { accountId, openid });
  const known = await byNumber();
  if (known) return end(on, known, receipt, deps);
  if (openid === undefined) return;
  const [open] = await on.query<Row>(
    `SELECT * FROM deliveries WHERE account_id = $1 AND openid = $2 AND channel = $3 AND msg_id IS NULL
       AND ($4::text IS NULL OR template_id = $4) AND (status IN ('sending', 'sent') OR (status = 'queued' AND unsure))
     ORDER BY id LIMIT 1 FOR UPDATE`,
    [accountId, openid, channel, templateId ?? null],
  );
  if (open?.status === 'sending') await keepReceipt(on, open, receipt);
  else if (open) await end(on, open, receipt, deps);
  else {
    // While this waited for the row, the answer with its number was stored.
    const numbered = await byNumber();
    if (numbered) await end(on, numbered, receipt, deps);
  }

  async function byNumber(): Promise<Row | undefined> {
    const [row] = await on.query<Row>(
      'SELECT * FROM deliveries WHERE account_id = $1 AND msg_id = $2 AND channel = $3 FOR UPDATE',
      [accountId, receipt.msgId, channel],
    );
    return row;
  }
}

async function keepReceipt(on: Queryable, { id }: Row, receipt: Receipt): Promise<void> {
  await on.query('UPDATE deliveries SET receipt = $2::jsonb WHERE id = $1', [id, JSON.stringify(receipt)]);
}

async function end(on: Queryable, row: Row, receipt: Receipt, deps: Deps): Promise<void> {
  // What has ended stays ended: staff may have sent it again meanwhile.
  if (row.status !== 'sent' && !(row.status === 'queued' && row.unsure)) return;
  if (receipt.ok) await deliver(on, row, receipt.msgId, deps);
  else await fail(on, row, receipt.code, receipt.reason, deps);
}
