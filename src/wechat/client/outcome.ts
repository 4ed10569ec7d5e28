import { WechatError } from './error';

/** A send's end in plain data, as whoever sends on our behalf wants to decide about it. */
export type Outcome =
  | { outcome: 'accepted'; msgId: string | null }
  | {
      /**
       * window, count: no customer-service message now. nobody, refused: surely not sent. quota: not today. busy: asked to try
       * later. not-sent: it never got there. unavailable: not even tried. unknown: it may have been sent.
       */
      outcome: 'window' | 'count' | 'nobody' | 'refused' | 'quota' | 'busy' | 'not-sent' | 'unavailable' | 'unknown';
      code: string;
      reason: string;
    };

const outcomes = {
  auth: 'not-sent',
  fatal: 'unavailable',
  quota: 'quota',
  window: 'window',
  count: 'count',
  nobody: 'nobody',
  refused: 'refused',
  busy: 'busy',
  transient: 'not-sent',
  paused: 'unavailable',
  'unknown-outcome': 'unknown',
} as const;

/** An upload before a send: whatever went wrong with it, the message surely has not left. */
export async function uploadFor(upload: Promise<{ mediaId: string }>): Promise<{ mediaId: string } | Outcome> {
  try {
    return await upload;
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    const outcome = error.kind === 'unknown-outcome' ? 'not-sent' : outcomes[error.kind];
    return { outcome, code: error.code, reason: error.message };
  }
}

/** Never throws for what the platform or the way there did. */
export async function outcomeOf(send: Promise<{ msgId: string | null }>): Promise<Outcome> {
  try {
    return { outcome: 'accepted', msgId: (await send).msgId };
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    return { outcome: outcomes[error.kind], code: error.code, reason: error.message };
  }
}
