import type { MenuButton } from './types';

type Done = { event: string; key?: string; label?: string };

/** What the citizen did, told in one grey line: a real phone shows nothing here, but one trying things out wants to see it. */
export function eventText({ event, key, label }: Done, menu: MenuButton[]): string {
  const name = label ?? nameOf(key, menu) ?? key ?? '';
  switch (event.toLowerCase()) {
    case 'subscribe':
      return key ? `你已扫码关注（${key.replace(/^qrscene_/, '')}）` : '你已关注该公众号';
    case 'unsubscribe':
      return '你已取消关注';
    case 'scan':
      return `你扫描了二维码（${key ?? ''}）`;
    case 'click':
      return `点击菜单「${name}」`;
    case 'view':
    case 'view_miniprogram':
      return `打开「${name}」`;
    case 'scancode_push':
    case 'scancode_waitmsg':
      return '扫码完成';
    case 'pic_sysphoto':
    case 'pic_photo_or_album':
    case 'pic_weixin':
      return '选好了照片';
    case 'subscribe_msg_popup_event':
      return '你处理了订阅通知的请求';
    case 'location_select':
      return '选好了位置';
    default:
      return key ? `${event}（${key}）` : event;
  }
}

function nameOf(key: string | undefined, buttons: MenuButton[]): string | undefined {
  if (!key) return undefined;
  for (const button of buttons) {
    if (button.key === key || button.url === key) return button.name;
    const inside = nameOf(key, button.sub_button ?? []);
    if (inside) return inside;
  }
  return undefined;
}
