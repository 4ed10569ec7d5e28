import { openSealed } from '../../src/wechat/crypto';
import { text } from '../../src/wechat/fields';
import { parseXml } from '../../src/wechat/xml';
import { account, type Mode, secrets } from './account';

/** Looks at a few answers of a run: a fast server that answers rubbish must not win. @throws Error */
export function checkSamples(samples: string[], mode: Mode): void {
  for (const sample of samples) {
    const { MsgType, Content, FromUserName } = parseXml(mode === 'safe' ? unseal(sample) : sample);
    const right = text(FromUserName) === account.originalId && (text(MsgType) !== 'text' || text(Content) !== '');
    if (!right) throw new Error(`not an answer:\n${sample}`);
  }
  if (samples.length === 0) throw new Error('nothing was answered but success');
}

function unseal(sample: string): string {
  const outer = parseXml(sample);
  const sealed = {
    encrypt: text(outer.Encrypt),
    signature: text(outer.MsgSignature),
    timestamp: text(outer.TimeStamp),
    nonce: text(outer.Nonce),
  };
  return openSealed(sealed, [secrets()], account.appid).message.toString('utf8');
}
