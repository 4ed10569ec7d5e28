import { PlatformError } from '../errcode';

/** A button as the platform keeps and returns it. */
export type Button = {
  type?: string;
  name: string;
  key?: string;
  url?: string;
  media_id?: string;
  article_id?: string;
  appid?: string;
  pagepath?: string;
  sub_button: Button[];
};

const keyed = new Set([
  'click',
  'scancode_push',
  'scancode_waitmsg',
  'pic_sysphoto',
  'pic_photo_or_album',
  'pic_weixin',
  'location_select',
]);
const ofMedia = new Set(['media_id', 'view_limited']);
const ofArticle = new Set(['article_id', 'article_view_limited']);

/** errcodes of one level: a top button's, then a sub-button's. */
const faults = [
  { count: 40016, type: 40017, name: 40018, key: 40019, url: 40020, domain: 40055, nameBytes: 16 },
  { count: 40023, type: 40024, name: 40025, key: 40026, url: 40027, domain: 40054, nameBytes: 60 },
] as const;

/** The buttons as they will be stored, or the platform's error for the first rule broken. Sizes are bytes of UTF-8. */
export function checkMenu(button: unknown): Button[] {
  if (!Array.isArray(button) || button.length < 1 || button.length > 3) throw new PlatformError(40016);
  return button.map((one) => checkButton(one, 0));
}

function checkButton(given: unknown, level: 0 | 1): Button {
  const fault = faults[level];
  if (typeof given !== 'object' || given === null) throw new PlatformError(fault.count);
  const button = given as Record<string, unknown>;
  const name = button.name;
  if (typeof name !== 'string' || name.trim() === '' || bytes(name) > fault.nameBytes)
    throw new PlatformError(fault.name);
  const children = button.sub_button;
  if (children !== undefined && !Array.isArray(children)) throw new PlatformError(40023);
  if (Array.isArray(children) && children.length > 0) {
    if (level === 1) throw new PlatformError(40022);
    if (children.length > 5) throw new PlatformError(40023);
    return { name, sub_button: children.map((child) => checkButton(child, 1)) };
  }
  return { ...checkAction(button, fault), name, sub_button: [] };
}

function checkAction(
  button: Record<string, unknown>,
  fault: (typeof faults)[number],
): Omit<Button, 'name' | 'sub_button'> {
  const { type, key, url } = button;
  if (typeof type !== 'string') throw new PlatformError(fault.type);
  if (keyed.has(type)) {
    if (typeof key !== 'string' || key === '' || bytes(key) > 128) throw new PlatformError(fault.key);
    return { type, key };
  }
  if (type === 'view') return { type, url: checkUrl(url, fault) };
  if (type === 'miniprogram') {
    const { appid, pagepath } = button;
    if (typeof appid !== 'string' || appid === '') throw new PlatformError(40013);
    if (typeof pagepath !== 'string' || pagepath === '') throw new PlatformError(40035);
    return { type, url: checkUrl(url, fault), appid, pagepath };
  }
  if (ofMedia.has(type)) return { type, media_id: named(button.media_id) };
  if (ofArticle.has(type)) return { type, article_id: named(button.article_id) };
  throw new PlatformError(fault.type);
}

function checkUrl(url: unknown, fault: (typeof faults)[number]): string {
  if (typeof url !== 'string' || url === '' || bytes(url) > 1024) throw new PlatformError(fault.url);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new PlatformError(fault.domain);
  return url;
}

function named(id: unknown): string {
  if (typeof id !== 'string' || id === '') throw new PlatformError(40007);
  return id;
}

const bytes = (text: string) => Buffer.byteLength(text);
