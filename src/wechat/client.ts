import type { Account } from '../people/accounts';
import type { Clock } from '../platform/clock';
import type { Database } from '../platform/database';
import type { Events } from '../platform/events';
import type { FieldEncryption } from '../platform/field-encryption';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import { createAccountCalls, createTicketFetch, createTokenFetch } from './client/call-account';
import { createCaller } from './client/caller';
import { createAccountFaults } from './client/faults';
import type { Hosts } from './client/hosts';
import { mediaCalls } from './client/media';
import { type Outcome, outcomeOf, uploadFor } from './client/outcome';
import { pageCalls } from './client/pages';
import { pictureCalls } from './client/pictures';
import { qrCodeCalls } from './client/qr-codes';
import { type CustomMessage, sendCalls, type TemplateMessage } from './client/sends';
import { createTokens } from './client/tokens';
import { menuCalls } from './menu';

export { type FaultKind, WechatError } from './client/error';
export type { CustomMessage, TemplateMessage } from './client/sends';

export type WechatClientDeps = {
  db: Database;
  events: Events;
  encryption: FieldEncryption;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  hosts: Hosts;
  /** of one call; files have longer */
  timeoutMs?: number;
  /** how long calls of an account pause after several without an answer */
  pauseMs?: number;
};

/** A message whose file the platform does not have yet. */
type CustomFile = { type: 'image'; bytes: Uint8Array; contentType: string };

export type WechatClient = ReturnType<typeof createWechatClient>;

/** Everything we ask of the WeChat platform. Each call names the account; what fails is a WechatError. */
export function createWechatClient(deps: WechatClientDeps) {
  const { clock, hosts } = deps;
  const faults = createAccountFaults(deps);
  const caller = createCaller({ ...deps, apiUrl: hosts.api });
  const tokens = createTokens('access_token', deps, createTokenFetch(caller, faults, clock));
  const calls = createAccountCalls(caller, tokens, faults);
  const tickets = createTokens('jsapi_ticket', deps, createTicketFetch(calls));
  const sends = sendCalls(calls);
  const media = mediaCalls(calls);

  return {
    ...sends,
    ...media,
    ...pictureCalls({ ...media, hosts }),
    ...menuCalls(calls),
    ...qrCodeCalls(calls),
    ...pageCalls({ caller, tickets, hosts, clock }),
    faults: faults.list,

    /** Whether the platform knows this account and lets this server in. @throws WechatError that says what to mend */
    check: (account: Account): Promise<void> => tokens.check(account),

    /** Sends whose failures are answers, for delivery. */
    sending: {
      custom: async (account: Account, openid: string, message: CustomMessage | CustomFile): Promise<Outcome> => {
        if (!('bytes' in message)) return outcomeOf(sends.custom(account, openid, message));
        const uploaded = await uploadFor(media.uploadMedia(account, { ...message, filename: 'image.jpg' }));
        if ('outcome' in uploaded) return uploaded;
        return outcomeOf(sends.custom(account, openid, { type: 'image', ...uploaded }));
      },
      subscribe: (account: Account, message: TemplateMessage) => outcomeOf(sends.subscribe(account, message)),
      template: (account: Account, message: TemplateMessage) => outcomeOf(sends.template(account, message)),
    },
  };
}
