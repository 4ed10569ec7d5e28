import { fileURLToPath } from 'node:url';
import { VantResolver } from '@vant/auto-import-resolver';
import vue from '@vitejs/plugin-vue';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import components from 'unplugin-vue-components/vite';
import { defineConfig, type Plugin } from 'vite';

const apps = ['console', 'h5', 'phone'] as const;

/**
 * One configuration for the three web pages: `vite build --mode <app>` writes dist/web/<app>, served under /<app>/;
 * `vite --mode <app>` serves one for working on it, with the server's own paths passed on to a running `npm start`.
 */
export default defineConfig(({ mode }) => {
  const app = apps.find((name) => name === mode);
  if (!app) throw new Error(`vite --mode must be one of ${apps.join(', ')}, not ${mode}`);
  const server = process.env.WEIBAN_URL ?? 'http://127.0.0.1:3000';

  return {
    root: fromHere(`web/${app}`),
    base: `/${app}/`,
    // Nothing of the server's settings may reach a page: no .env files are read.
    envDir: false,
    publicDir: fromHere('web/shared'),
    cacheDir: fromHere(`node_modules/.vite/${app}`),
    plugins: [vue(), ownFontsOnly, components({ dts: false, dirs: [], resolvers: resolversOf(app) })],
    build: { outDir: fromHere(`dist/web/${app}`), emptyOutDir: true, target: 'es2020', reportCompressedSize: false },
    server: {
      proxy: Object.fromEntries(
        ['/simulator', '/api', '/h5'].filter((path) => path !== `/${app}`).map((path) => [path, server]),
      ),
    },
  };
});

/** Vant's icon font is inside its style sheet; the same one on somebody else's server must not even be asked for. */
const ownFontsOnly: Plugin = {
  name: 'own-fonts-only',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('vant/es/icon/index.css')
      ? code.replace(/,\s*url\([^)]*alicdn[^)]*\)\s*format\([^)]*\)/, '')
      : undefined,
};

function resolversOf(app: (typeof apps)[number]) {
  if (app === 'console') return [ElementPlusResolver()];
  return app === 'h5' ? [VantResolver()] : [];
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
