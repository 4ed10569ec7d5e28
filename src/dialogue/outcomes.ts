import type { Account } from '../people/accounts';
import { type Answered, type Chat, isWriting, type Outcome } from './chat';
import { none, type Reply, text } from './message';
import type { Offer, ServiceContext } from './service';

/** A text of the dialogue's own, as the operators of this account want it. */
export function say(key: string, ctx: ServiceContext, variables: Record<string, unknown> = {}): string {
  return ctx.deps.texts.say(
    key,
    { accountTitle: ctx.account.title, account: ctx.account.key, publicUrl: ctx.deps.publicUrl, ...variables },
    ctx.account.id,
  );
}

/** Answers and leaves the chat where it stood. */
export function stay(chat: Chat | null, words: string, handledBy: string): Outcome {
  return { reply: text(words), chat, handledBy };
}

/** Nothing to say. */
export const silent = (chat: Chat | null, handledBy: string): Outcome => ({ reply: none, chat, handledBy });

/** A numbered list below a heading; the citizen may pick by number or go on with something else. */
export function offer(heading: string, offers: Offer[], handledBy: string, ctx: ServiceContext): Outcome {
  const words = listed(heading, offers, ctx);
  return { reply: text(words), chat: { offers, at: seconds(ctx.at) }, handledBy };
}

/** A list that a service keeps (frozen: it stays as it is) reads the same again, and is not rendered again. */
function listed(heading: string, offers: Offer[], ctx: ServiceContext): string {
  const revision = ctx.deps.texts.revision();
  const known = lists.get(offers);
  if (known && known.heading === heading && known.account === ctx.account && known.revision === revision)
    return known.words;
  const words = say('dialogue.offers', ctx, { text: heading, offers: offers.map(({ label }) => label) });
  if (revision !== undefined && Object.isFrozen(offers))
    lists.set(offers, { heading, account: ctx.account, revision, words });
  return words;
}

type List = { heading: string; account: Account; revision: number; words: string };
const lists = new WeakMap<Offer[], List>();

/** The same answer with a line before it, where it is a text. */
export function withNote(answered: Answered, note: string): Answered {
  if (note === '') return answered;
  if (isWriting(answered)) return { write: async (tx) => noted(await answered.write(tx), note) };
  return noted(answered, note);
}

export const seconds = (at: Date) => Math.floor(at.getTime() / 1000);

function noted(outcome: Outcome, note: string): Outcome {
  const reply: Reply = outcome.reply.type === 'text' ? text(`${note}\n${outcome.reply.content}`) : outcome.reply;
  return { ...outcome, reply: outcome.reply.type === 'none' ? text(note) : reply };
}
