import { setFlagsFromString } from 'node:v8';
import { type Config, readConfig } from './config';
import { generatedSecret, openDataDir } from './platform/data-dir';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './platform/embedded-postgres';
import { StartupError } from './platform/startup-error';
import { type Running, startServer } from './server';

// Left alone, V8 lets its old generation grow to several times what lives in it before it collects: under load 200 MB of chats long over.
setFlagsFromString('--heap-growing-percent=100');
// What is young is swept by this thread alone: handing it to others makes it wait for a processor that Postgres needs as well.
setFlagsFromString('--no-parallel-scavenge');
// What V8 has once seen live long it would next time place among the old at once: the buffers of each commit, 20 MB a second of them,
// are then only freed by a full collection, which every two seconds takes the second processor from Postgres for 50 ms.
setFlagsFromString('--no-allocation-site-pretenuring');

let stopping = false;

main().catch((error: unknown) => {
  if (error instanceof StartupError) console.error(error.message);
  else console.error(error);
  process.exit(1);
});

async function main(): Promise<void> {
  const config = readConfig();
  const dataDir = await openDataDir(config.dataDir);
  const lock = config.databaseUrl ? undefined : await dataDir.lock();
  let postgres: EmbeddedPostgres | undefined;
  let running: Running | undefined;
  const release = async () => {
    await running?.stop();
    // Last, when nobody needs it any more.
    await postgres?.stop();
    await lock?.release();
  };
  let shutDown = () => {};
  const signal = new Promise<void>((resolve) => {
    shutDown = resolve;
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stopping && name === 'SIGINT') process.stdout.write('正在停止，请稍候…\n');
      stopping = true;
      shutDown();
    });
  }
  try {
    if (!config.databaseUrl) postgres = await startEmbeddedPostgres({ dataDir: dataDir.path, log: say });
    const databaseUrl = config.databaseUrl ?? postgres!.url;
    const secretKey = config.secretKey ?? (await generatedSecret(dataDir.path, 'secret-key'));
    running = await startServer({ ...config, databaseUrl, secretKey });
    await lock?.announce?.(running.url);
    welcome(config, running);
    await signal;
  } catch (error) {
    await release();
    throw error;
  }
  const limit = setTimeout(() => {
    console.error('10 秒内没能停完，强行退出；已提交的数据都在');
    postgres?.kill();
    process.exit(1);
  }, 9500);
  await release();
  clearTimeout(limit);
  process.exit(0);
}

function welcome(config: Config, { url, deps }: Running): void {
  if (!config.web) return say(`后台任务已启动，状态见 ${deps.config.ownUrl}/readyz`);
  const lines = [`微办已启动：${url}`];
  if (config.simulator) {
    lines.push(
      `  手机（模拟器）  ${url}/phone/`,
      `  工作台          ${url}/console/   演示账号 admin、operator、clerk-hospital、clerk-police 等，密码 ${config.demoPassword}`,
    );
  } else lines.push(`  工作台          ${url}/console/`);
  lines.push(...deps.accounts.list().map(({ key }) => `  微信回调        ${url}/wechat/${key}`), '按 Ctrl-C 停止');
  say(lines.join('\n'));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
