import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { shortestPassword as shortest } from '../src/people/staff-changes';
import { StartupError } from '../src/platform/startup-error';

/** A new password: asked for twice on a terminal, unseen, or the first line of standard input. @throws StartupError */
export async function askNewPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await askTwice() : await firstLine();
  if ([...password].length < shortest) throw new StartupError(`口令至少 ${shortest} 个字符`);
  if (password.length > 200) throw new StartupError('口令最多 200 个字符');
  return password;
}

async function askTwice(): Promise<string> {
  // The terminal is read key by key from here to the end, and what readline would show of it goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.once('SIGINT', () => {
    lines.close();
    process.stderr.write('\n');
    process.exit(130);
  });
  const ask = async (prompt: string) => {
    process.stderr.write(prompt);
    const answer = await lines.question('');
    process.stderr.write('\n');
    return answer;
  };
  try {
    const password = await ask(`新口令（至少 ${shortest} 个字符，不会显示）：`);
    if ((await ask('再输入一次：')) !== password) throw new StartupError('两次输入的口令不一样');
    return password;
  } finally {
    lines.close();
  }
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  throw new StartupError(
    '没有读到口令：请在终端里运行，或从标准输入给出，例如 npm run staff -- password admin < 口令文件',
  );
}
