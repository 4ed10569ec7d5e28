import { type Answered, isWriting, type Outcome } from './chat';
import { text } from './message';

/** WeChat cuts off passive texts at 2,048 bytes; room is kept for the page number. */
const largest = 2000;

/** An answer longer than WeChat allows leaves in parts: the first as the reply, the rest as deliveries. */
export function splitLong(answered: Answered): Answered {
  if (isWriting(answered)) return { write: async (tx) => split(await answered.write(tx)) };
  return split(answered);
}

function split(outcome: Outcome): Outcome {
  if (outcome.reply.type !== 'text' || Buffer.byteLength(outcome.reply.content) <= 2047) return outcome;
  const parts = splitText(outcome.reply.content, largest);
  const numbered = parts.map((part, index) => text(`${part}\n（${index + 1}/${parts.length}）`));
  return { ...outcome, reply: numbered[0]!, rest: [...numbered.slice(1), ...(outcome.rest ?? [])] };
}

/** Parts of at most `limit` bytes of UTF-8, cut at the end of a line or sentence where there is one, never inside a character. */
export function splitText(content: string, limit: number): string[] {
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  for (const piece of content.split(/(?<=[\n。！？])/u).flatMap((sentence) => atoms(sentence, limit))) {
    const size = Buffer.byteLength(piece);
    if (bytes + size > limit) {
      parts.push(part.trimEnd());
      part = '';
      bytes = 0;
    }
    part += piece;
    bytes += size;
  }
  if (part.trim() !== '') parts.push(part.trimEnd());
  return parts;
}

/** A sentence that fits stays whole; one longer than a whole part is cut between characters as people see them. */
function atoms(sentence: string, limit: number): string[] {
  if (Buffer.byteLength(sentence) <= limit) return [sentence];
  return Array.from(new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(sentence), ({ segment }) => segment);
}
