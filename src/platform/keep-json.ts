import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explainFileFault } from './file-fault';

/** Writes the file whole or not at all. */
export async function keepJson(file: string, content: object): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true });
    await rename(draft, file);
  } catch (error) {
    throw explainFileFault(error, path.dirname(file));
  }
}
