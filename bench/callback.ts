import { cpus } from 'node:os';
import { compare, createNumbers, type Stores } from './callback/compare';
import { chatsOutOfStep } from './callback/kept';
import { readOptions } from './callback/options';
import { profile } from './callback/profile';
import { soak } from './callback/soak';
import { durability, openStore, useLogOnce } from './callback/store';
import { compileBench } from './support/compiled';
import { exitOnSignals } from './support/server-process';

// `npm run bench callback`: co-wechat's echo, Koa with our codec storing nothing, and weiban, in turn. docs/benchmarks.md explains.
async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  exitOnSignals();
  compileBench();
  const stores: Stores = new Map();
  const numbers = createNumbers();
  let whole = true;
  try {
    for (const mode of options.modes)
      stores.set(mode, await openStore(process.env.DATABASE_URL!, { mode, demo: true }));
    const [[, any]] = [...stores] as [[string, Awaited<ReturnType<typeof openStore>>]];
    await useLogOnce(any.client);
    console.log(`Node ${process.versions.node}, ${cpus().length} processors, ${await durability(any.client)}\n`);
    if (options.minutes) {
      for (const mode of options.modes)
        whole = (await soak(options.minutes, mode, options, stores.get(mode)!, numbers)) && whole;
    } else {
      whole = await compare(options, stores, numbers);
      if (options.profile) for (const mode of options.modes) await profile(mode, options, stores.get(mode)!, numbers);
    }
    for (const [mode, { client }] of stores) {
      const wrong = await chatsOutOfStep(client);
      console.log(
        `\n${mode} mode: ${wrong === 0 ? 'every chat moved on by exactly one for each message' : `${wrong} chats OUT OF STEP with their messages`}`,
      );
      whole &&= wrong === 0;
    }
  } finally {
    for (const store of stores.values()) await store.drop();
  }
  return whole;
}

main().then(
  (whole) => {
    process.exitCode = whole ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
