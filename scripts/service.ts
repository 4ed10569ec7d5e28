import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { ServiceDeps } from '../src/dialogue/service';
import { StartupError } from '../src/platform/startup-error';
import { withDeps } from './with-deps';

// `npm run service -- <service> …`: the command that a service brings, `command.ts` in its folder.
type Command = (args: string[], deps: ServiceDeps) => Promise<string>;

const services = path.join(__dirname, '../src/services');
const [key = '', ...args] = process.argv.slice(2);

withDeps(async ({ serviceDeps }) => {
  const known = readdirSync(services).filter((name) => existsSync(path.join(services, name, 'command.js')));
  if (!known.includes(key))
    throw new StartupError(`用法：npm run service -- <服务> …（有命令的服务：${known.join('、') || '无'}）`);
  const { command } = require(path.join(services, key, 'command.js')) as { command: Command };
  console.log(await command(args, serviceDeps));
});
