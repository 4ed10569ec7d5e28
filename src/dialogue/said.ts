import { visibleLength } from '../platform/visible';
import type { Inbound } from './message';

/** What a citizen said, freed of how: a voice message that WeChat understood is a text. */
export type Said =
  | { kind: 'text'; text: string }
  | { kind: 'image'; picUrl: string; mediaId: string }
  | { kind: 'location'; latitude: number; longitude: number; label: string }
  | { kind: 'voice' | 'video' | 'link' | 'emoji' | 'other' };

/** Undefined for what is not an utterance (most events). */
export function whatWasSaid(inbound: Inbound): Said | undefined {
  switch (inbound.type) {
    case 'text':
      return sayText(inbound.content);
    case 'voice':
      return inbound.recognition.trim() ? sayText(withoutFullStop(inbound.recognition)) : { kind: 'voice' };
    case 'image':
      return { kind: 'image', picUrl: inbound.picUrl, mediaId: inbound.mediaId };
    case 'video':
    case 'shortvideo':
      return { kind: 'video' };
    case 'location':
      return { kind: 'location', latitude: inbound.latitude, longitude: inbound.longitude, label: inbound.label };
    case 'link':
      return { kind: 'link' };
    case 'unknown':
      return { kind: 'other' };
    case 'event':
      return inbound.event === 'location_select'
        ? { kind: 'location', latitude: inbound.latitude, longitude: inbound.longitude, label: inbound.label }
        : undefined;
  }
}

/** Full-width forms become plain ones and blanks around go: 「１　」 is 1. */
export const normalise = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/[\u0000-\u001f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, ' ')
    .trim();

/** What was spoken is written with marks that nobody said. Letter by letter: of a million marks a pattern would try each beginning. */
function withoutFullStop(recognition: string): string {
  let end = recognition.length;
  while (end > 0 && /[。.！!？?\s]/u.test(recognition[end - 1]!)) end--;
  return recognition.slice(0, end);
}

function sayText(content: string): Said {
  const text = visibleLength(content) > 0 ? normalise(content) : '';
  return text !== '' && onlyEmoji.test(text) ? { kind: 'emoji' } : { kind: 'text', text };
}

/** Emoji, and WeChat's own faces, which arrive as [微笑] or /::) */
const onlyEmoji =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u200d\ufe0f\u{1f1e6}-\u{1f1ff}]|\[\p{Script=Han}{1,4}\]|\/:[:;\-a-z@<>()$!|*,&'~]{1,12}|\s)+$/u;
