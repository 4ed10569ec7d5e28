import type { Answered, Chat } from './chat';
import type { Flow } from './flow';
import { repeat, stepBack } from './flow-run';
import { say, stay } from './outcomes';
import type { ServiceContext } from './service';

type Command = (chat: Chat | null, flow: Flow | undefined, ctx: ServiceContext) => Answered | Promise<Answered>;

/** Words that work everywhere, whatever is open. */
export function commandFor(word: string): Command | undefined {
  return commands.get(word.toLowerCase());
}

const cancel: Command = (chat, flow, ctx) =>
  chat?.flow
    ? stay(null, say('dialogue.cancelled', ctx, { flowTitle: flow?.title ?? '' }), 'dialogue.cancel')
    : stay(null, say('dialogue.nothing-to-cancel', ctx), 'dialogue.cancel');

const back: Command = async (chat, flow, ctx) => {
  if (!chat?.flow || !flow) return stay(chat, say('dialogue.nothing-to-go-back', ctx), 'dialogue.back');
  return (await stepBack(flow, chat.flow, ctx)) ?? repeat(flow, chat.flow, 'dialogue.back-impossible', ctx);
};

const help: Command = (chat, flow, ctx) => {
  if (!chat?.flow || !flow) return stay(chat, say('dialogue.help', ctx), 'dialogue.help');
  return repeat(flow, chat.flow, 'dialogue.help-in-flow', ctx);
};

const commands = new Map<string, Command>([
  ...['取消', '退出', '结束', '不办了'].map((word) => [word, cancel] as const),
  ...['返回', '上一步', '后退'].map((word) => [word, back] as const),
  ...['帮助', '？', '?', 'help', '菜单'].map((word) => [word, help] as const),
]);
