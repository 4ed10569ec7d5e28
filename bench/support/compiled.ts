import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const root = path.join(__dirname, '..', '..');

/** A file of dist/: what is measured runs as it does in production, compiled and by plain node. */
export const compiled = (...parts: string[]) => path.join(root, 'dist', ...parts);

/** Compiles bench/ to dist/bench, where its processes find the compiled server beside them. */
export function compileBench(): void {
  const swc = path.join(root, 'node_modules', '@swc', 'cli', 'bin', 'swc.js');
  const args = [swc, 'bench', '-d', 'dist', '--extensions', '.ts', '--quiet'];
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}
