import { type Claimed, claim } from './claim';
import { asCustom, type Message } from './message';
import type { Outgoing, SendOutcome } from './port';
import type { Citizen, DeliveryDeps, Row } from './row';
import { settle } from './settle';

export type Runner = ReturnType<typeof createRunner>;

/** Sends what is due, one citizen's messages one after another. Any number of runners may run. */
export function createRunner(deps: DeliveryDeps) {
  /** sent, with an end that could not be stored yet; or still under way */
  const underWay = new Map<string, { row: Row; outcome?: SendOutcome }>();
  let stopping = false;

  async function deliverTo(citizen: Citizen): Promise<void> {
    while (!stopping) {
      const claimed = await claim(citizen, deps);
      if (claimed === 'idle') return;
      if (claimed !== 'again') await sendAndSettle(claimed);
    }
  }

  async function sendAndSettle(claimed: Claimed): Promise<void> {
    const { row } = claimed;
    underWay.set(row.id, { row });
    const outcome = await send(claimed);
    underWay.set(row.id, { row, outcome });
    await settle(row, outcome, deps);
    underWay.delete(row.id);
  }

  async function send({ row, account, content, send: chosen }: Claimed): Promise<SendOutcome> {
    const { openid } = row;
    try {
      if (chosen.channel === 'custom') {
        const message = await withFile(asCustom(content));
        return message ? await deps.wechat.custom(account, openid, message) : noFile;
      }
      const { channel, templateId, data } = chosen;
      const notice = { openid, templateId, data, url: content.notice?.url, clientMsgId: row.client_msg_id! };
      return await deps.wechat[channel](account, notice);
    } catch (error) {
      // Ours, or Postgres away while a token was looked up: whether it left is not known.
      deps.log.error({ err: error, delivery: row.id }, 'a send failed on our side');
      return { outcome: 'unknown', code: 'internal', reason: '本系统在发送时出错' };
    }
  }

  async function withFile(message: Message): Promise<Outgoing | undefined> {
    if (!('fileId' in message)) return message;
    const file = await deps.files.read(message.fileId);
    return file && { type: 'image', ...file };
  }

  return {
    deliverTo,
    isUnderWay: (id: string) => underWay.has(id),
    /** Stores again what could not be stored, once Postgres is back. */
    async settleLeftOvers(): Promise<void> {
      for (const [id, { row, outcome }] of underWay) {
        if (!outcome) continue;
        await settle(row, outcome, deps);
        underWay.delete(id);
      }
    },
    /** Lets what is under way finish and begins nothing more. */
    stop: () => {
      stopping = true;
    },
  };
}

const noFile: SendOutcome = { outcome: 'refused', code: 'no-file', reason: '图片已不在' };
