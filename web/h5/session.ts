import { randomName } from '../shared/random-name';
import { forgetHere, keep, keepHere, kept, keptHere } from './storage';

type Way = { state: string; to: string; at: number };
const wayKey = 'way-to-wechat';
const account = new URLSearchParams(location.search).get('account') ?? kept('account') ?? '';
if (account) keep('account', account);

/** The account whose page this is: named by the link, or by the last one. */
export const accountKey = () => account;

let goal: string | undefined;
/** The page that is being opened: where the way through WeChat leads back to. */
export function headFor(fullPath: string): void {
  goal = `#${fullPath}`;
}

/**
 * Sends the browser through WeChat's silent authorisation and back to the page it is on.
 * @returns what to tell the citizen where that leads nowhere
 */
export async function goThroughWechat(): Promise<string> {
  if (!account) return '请从公众号的菜单或消息里打开本页';
  const before = readWay();
  if (before && Date.now() - before.at < 10_000) return '没有取得微信授权，请在微信里重新打开本页';
  const state = randomName();
  const way: Way = { state, to: goal ?? location.hash, at: Date.now() };
  // Coming back it could not tell the way it went from one that somebody else has laid.
  if (!keepHere(wayKey, JSON.stringify(way)))
    return '这部手机没有让网页保存登录的进度（如无痕浏览），请在微信里重新打开本页';
  const response = await fetch(`/api/h5/authorize?${new URLSearchParams({ account, state })}`);
  if (!response.ok) return '暂时不能登录，请稍后再试';
  location.replace(((await response.json()) as { url: string }).url);
  // The browser leaves; nothing after this counts.
  return new Promise<string>(() => {});
}

/** Back from WeChat with a code: signs in and shows the page that was asked for. @returns whether the browser is leaving again */
export async function comeBack(): Promise<boolean> {
  const query = new URLSearchParams(location.search);
  const [code, state] = [query.get('code'), query.get('state')];
  if (!code || !state) return false;
  const way = readWay();
  // Somebody else's code, pushed on this phone by a link, must not sign it in as them.
  const ours = way?.state === state;
  const fault = ours ? await signInWith(code) : 'stale';
  if (ours) forgetHere(wayKey);
  // A code that comes twice, or once more by the back button, was used: who is signed in by then just goes on.
  const goesOn = fault === '' || (await isSignedIn());
  const goal = ours ? way.to : '';
  const again = `#/sign-in?${new URLSearchParams({ why: fault, to: goal.slice(1) })}`;
  location.replace(`/h5/?${new URLSearchParams({ account })}${goesOn ? goal : again}`);
  return true;
}

async function signInWith(code: string): Promise<'' | 'stale' | 'busy'> {
  try {
    const answer = await fetch('/api/h5/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, code }),
    });
    return answer.ok ? '' : answer.status < 500 && answer.status !== 429 ? 'stale' : 'busy';
  } catch {
    return 'busy';
  }
}

const isSignedIn = (): Promise<boolean> =>
  fetch('/api/h5/me').then(
    ({ ok }) => ok,
    () => false,
  );

function readWay(): Way | undefined {
  return JSON.parse(keptHere(wayKey) ?? 'null') ?? undefined;
}
