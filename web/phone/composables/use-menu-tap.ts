import type { SheetName } from '../components/sheets/sheet-name';
import type { MenuButton } from '../types';
import type { Phone } from './use-phone';

/** What happens on a phone when a menu button is tapped, by the button's type. */
export function useMenuTap(phone: Phone, ask: (sheet: SheetName, key: string) => void) {
  return (button: MenuButton) => {
    const key = button.key ?? '';
    switch (button.type) {
      case 'click':
        return phone.act({ click: key });
      case 'view':
        phone.openPage(button.url ?? '');
        return phone.act({ view: button.url ?? '' });
      case 'scancode_push':
      case 'scancode_waitmsg':
        return ask('scan', key);
      case 'location_select':
        return ask('location', key);
      case 'pic_sysphoto':
      case 'pic_photo_or_album':
      case 'pic_weixin':
        return ask('image', key);
      case 'miniprogram':
        return button.url ? phone.openPage(button.url) : phone.say('小程序要在微信里打开');
      default:
        return phone.say('这种菜单要在微信里打开');
    }
  };
}
