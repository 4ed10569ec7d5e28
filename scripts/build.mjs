import { build } from './lib/build.mjs';
import { runScript } from './lib/children.mjs';

// `node scripts/build.mjs [server|web]`: both when not said which.
const asked = process.argv.slice(2);
await runScript(async () => {
  for (const part of asked.length > 0 ? asked : ['server', 'web']) await build(part);
});
