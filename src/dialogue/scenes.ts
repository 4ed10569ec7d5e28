import type { Texts } from '../delivery/texts';
import type { Installed } from './installed';
import type { KeyTitles } from './key-titles';

const texts = 'subscribe.scene.';

/** The text for whoever scans a QR code with this scene, in place of the common ones. */
export const sceneText = (scene: string): string => `${texts}${scene}`;

/** A scene that a scan is answered by in a way of its own. */
export type Scene = { scene: string; kind: 'service' | 'text'; title: string; effect: string };

/** For staff who make QR codes: which scenes there are, and what a scan of one leads to (see events.ts). */
export type Scenes = { list(): Scene[]; effect(scene: string): string };

export function createScenes(deps: {
  installed: Pick<Installed, 'services' | 'byScene'>;
  texts: Pick<Texts, 'list'>;
  titles: KeyTitles;
}): Scenes {
  const { installed, titles } = deps;
  const words = new Map(deps.texts.list().map(({ key, title }) => [key, title]));
  const openedBy = (key: string) => titles.button(key) ?? key;

  function effect(scene: string): string {
    const own = words.get(sceneText(scene));
    const greeting = own ?? words.get('subscribe.welcome');
    const opening = installed.byScene(scene);
    if (opening) {
      const opened = openedBy(opening.key);
      return `已关注的市民扫了，直接打开「${opened}」；没关注的先关注，收到「${greeting}」，接着打开「${opened}」。`;
    }
    if (own) return `市民扫了收到「${own}」，没关注的先关注。`;
    return `没有服务或文字用这个场景值：没关注的市民关注后收到「${greeting}」，已关注的收到「${words.get('dialogue.unknown-scene')}」。场景值记在会话里。`;
  }

  return {
    effect,
    list: () => [
      ...installed.services.flatMap(({ opens }) =>
        opens.flatMap(({ key, scenes = [] }) =>
          scenes.map((scene) => ({ scene, kind: 'service' as const, title: openedBy(key), effect: effect(scene) })),
        ),
      ),
      ...[...words].flatMap(([key, title]) => {
        const scene = key.startsWith(texts) ? key.slice(texts.length) : '';
        // One that opens a service as well is in the list already.
        return scene && !installed.byScene(scene)
          ? [{ scene, kind: 'text' as const, title, effect: effect(scene) }]
          : [];
      }),
    ],
  };
}
