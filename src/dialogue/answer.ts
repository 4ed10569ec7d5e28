import type { Account } from '../people/accounts';
import type { AutoReplies, AutoReply } from './auto-replies';
import { type Answered, type Chat, isWriting } from './chat';
import { commandFor } from './commands';
import { answersTo, type Hit, usesOf } from './contributions';
import { answerEvent } from './events';
import { continueFlow, reads, startFlow } from './flow-run';
import type { Installed } from './installed';
import { type Inbound, text } from './message';
import { offer, say, seconds, stay, withNote } from './outcomes';
import { pick } from './questions';
import { type Said, whatWasSaid } from './said';
import type { Offer, ServiceContext, ServiceDeps } from './service';
import { splitLong } from './split';

/** One message of a citizen's and where their chat stood when it came. */
export type Turn = { account: Account; inbound: Inbound; chat: Chat | null; at: Date };

export type Dialogue = { answer(turn: Turn): Answered | Promise<Answered> };

/** What all rooms of the dialogue share. `open` starts what a key stands for. */
export type House = {
  installed: Installed;
  open(target: Offer, chat: Chat | null, ctx: ServiceContext): Promise<Answered>;
};

/** An open flow is dropped after this long without a word. */
const idleSeconds = 30 * 60;
const hitsShown = 5;

/**
 * One message in, one reply out. In this order: 取消 返回 帮助; the open flow, or at its first question what else is named; choices on offer; the menu's key; keywords of
 * services; automatic replies; what services know; last the fallback.
 */
export function createDialogue({
  installed,
  autoReplies,
  deps,
}: {
  installed: Installed;
  autoReplies: AutoReplies;
  deps: ServiceDeps;
}): Dialogue {
  function answer({ inbound, account, chat: stored, at }: Turn): Answered | Promise<Answered> {
    const ctx: ServiceContext = { deps, account, openid: inbound.openid, at };
    const said = whatWasSaid(inbound);
    const expired = said !== undefined && stored !== null && seconds(at) - stored.at > idleSeconds;
    const chat = expired ? null : stored;
    const note =
      expired && stored.flow
        ? say('dialogue.expired', ctx, {
            minutes: idleSeconds / 60,
            flowTitle: installed.flow(stored.flow.flow)?.title ?? '',
          })
        : '';
    const tapped = inbound.type === 'text' && inbound.menuId ? targetOf(inbound.menuId, inbound.content) : undefined;
    const answered =
      tapped && installed.opening(tapped.key)
        ? open(tapped, chat, ctx)
        : said
          ? hear(said, chat, ctx)
          : answerEvent({ installed, open }, inbound, chat, ctx);
    const finish = (done: Answered) => splitLong(withNote(done, note));
    return answered instanceof Promise ? answered.then(finish) : finish(answered);
  }

  function hear(said: Said, chat: Chat | null, ctx: ServiceContext): Answered | Promise<Answered> {
    const word = said.kind === 'text' ? said.text : '';
    const flow = chat?.flow && installed.flow(chat.flow.flow);
    const urgent = word && autoReplies.findUrgent(word, ctx.account.id);
    if (urgent) return reply(urgent, chat, ctx);
    const command = commandFor(word);
    if (command) return command(chat, flow, ctx);
    if (chat?.flow && flow) {
      const other = Object.keys(chat.flow.answers).length === 0 && installed.byKeyword(word.toLowerCase());
      // Nothing is lost that was answered, and it is no answer but the name of something else: that is what is wanted now.
      if (other && other.start !== flow && !reads(flow, chat.flow, said))
        return open({ key: other.key, label: word }, chat, ctx);
      return continueFlow(flow, chat.flow, said, ctx);
    }
    if (said.kind !== 'text') return answerMedia(said, chat, ctx);
    // What has this very name is meant, rather than an entry that merely has it in its label.
    const named = installed.byKeyword(word.toLowerCase()) !== undefined;
    const chosen = chat?.offers && pick(word, named ? chat.offers.filter(begins(word)) : chat.offers);
    if (chosen) return keepOffers(open(chosen, chat, ctx), chat.offers!, ctx);
    if (/^\d{1,2}$/.test(word)) return noSuchChoice(chat, ctx);
    return word === '' ? stay(chat, say('dialogue.fallback', ctx), 'dialogue.fallback') : understand(word, chat, ctx);
  }

  /** A number that stands for nothing: beyond the list, or of a list that is gone. */
  function noSuchChoice(chat: Chat | null, ctx: ServiceContext): Answered {
    const key = chat?.offers ? 'dialogue.no-such-choice' : 'dialogue.outdated-choice';
    return stay(chat, say(key, ctx, { count: chat?.offers?.length ?? 0 }), key);
  }

  /** One entry read, the list is still there: the next number opens the next one. */
  async function keepOffers(opened: Promise<Answered>, offers: Offer[], ctx: ServiceContext): Promise<Answered> {
    const done = await opened;
    return isWriting(done) || done.chat ? done : { ...done, chat: { offers, at: seconds(ctx.at) } };
  }

  async function answerMedia(
    said: Exclude<Said, { kind: 'text' }>,
    chat: Chat | null,
    ctx: ServiceContext,
  ): Promise<Answered> {
    const uses = said.kind === 'image' || said.kind === 'location' ? await usesOf(said, ctx) : [];
    if (uses.length === 1) return open(uses[0]!, chat, ctx);
    if (uses.length > 1) return offer(say('dialogue.media-uses', ctx), uses.map(toOffer), 'dialogue.media-uses', ctx);
    const key = said.kind === 'voice' ? 'dialogue.voice-unheard' : `dialogue.${said.kind}`;
    return stay(chat, say(key, ctx, { label: said.kind === 'location' ? said.label : '' }), key);
  }

  function understand(word: string, chat: Chat | null, ctx: ServiceContext): Answered | Promise<Answered> {
    const opening = installed.byKeyword(word.toLowerCase());
    if (opening) return open({ key: opening.key, label: word }, chat, ctx);
    const automatic = autoReplies.find(word, ctx.account.id);
    if (automatic) return reply(automatic, chat, ctx);
    return search(word, chat, ctx);
  }

  function reply(automatic: AutoReply, chat: Chat | null, ctx: ServiceContext): Answered {
    return 'words' in automatic
      ? stay(chat, automatic.words, `auto-reply:${automatic.rule}`)
      : stay(chat, say(automatic.textKey, ctx), `text:${automatic.textKey}`);
  }

  async function search(word: string, chat: Chat | null, ctx: ServiceContext): Promise<Answered> {
    const best = (await answersTo(word, ctx)).slice(0, hitsShown);
    if (best.length === 0) return stay(chat, say('dialogue.fallback', ctx), 'dialogue.fallback');
    if (opensAtOnce(best)) return open(best[0]!, chat, ctx);
    return offer(say('dialogue.hits', ctx), best.map(toOffer), 'dialogue.hits', ctx);
  }

  async function open(target: Offer, chat: Chat | null, ctx: ServiceContext): Promise<Answered> {
    const opening = installed.opening(target.key);
    if (!opening) return stay(chat, say('dialogue.unknown-menu-key', ctx), 'dialogue.unknown-menu-key');
    const note = chat?.flow ? say('dialogue.left-flow', ctx) : '';
    const { start } = opening;
    if (typeof start !== 'function')
      return withNote(await startFlow(start, { ...target.args, ...target.answers }, ctx), note);
    const opened = await start(target.args ?? {}, ctx);
    if ('goTo' in opened) return open(opened.goTo, chat, ctx);
    const { reply, offers } = opened;
    if (offers && typeof reply === 'string') return withNote(offer(reply, offers, target.key, ctx), note);
    return withNote(
      { reply: typeof reply === 'string' ? text(reply) : reply, chat: null, handledBy: target.key },
      note,
    );
  }

  return { answer };
}

/** An entry of a msgmenu is a menu key, with answers already given behind it: `questions.solved?question=7`. */
function targetOf(menuId: string, label: string): Offer {
  const [key = '', answers = ''] = menuId.split('?');
  return { label, key, args: Object.fromEntries(new URLSearchParams(answers)) };
}

/** One that is meant for certain, the only one, or the one that stands out where no other does. */
const opensAtOnce = ([best, ...others]: Hit[]): boolean =>
  best!.score === 1 || others.length === 0 || (best!.stands === true && !others.some(({ stands }) => stands));

/** 「没解决」 begins 「没解决，问部门」, and 「预约」 does not begin 「预约须知」. */
const begins =
  (word: string) =>
  ({ label }: Offer): boolean =>
    label.startsWith(word) && !/^\p{L}/u.test(label.slice(word.length));

const toOffer = ({ label, key, args, answers }: Hit): Offer => ({ label, key, args, answers });
