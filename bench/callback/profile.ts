import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compiled } from '../support/compiled';
import { summarise } from '../support/cpu-profile';
import type { Mode } from './account';
import type { Numbers } from './compare';
import { freeTexts } from './free-text';
import { measure } from './measure';
import type { Options } from './options';
import { placeOf } from './places';
import type { Store } from './store';

/** Whose code the server's time goes to, by a profile of a run of its own (a profiled server is slower). */
export async function profile(mode: Mode, options: Options, store: Store, numbers: Numbers): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weiban-profile-'));
  try {
    const file = path.join(folder, 'weiban.cpuprofile');
    const { first, since } = { first: numbers.next(), since: numbers.since };
    const plan = {
      mode,
      connections: 64,
      warmup: 2,
      seconds: 4,
      first,
      since,
      built: 0,
      again: false,
      ...freeTexts(options),
    };
    const start = store.start(['--require', compiled('bench', 'callback', 'profiler.js')]);
    const turn = ({ pid }: { pid: number }) => void process.kill(pid, 'SIGUSR2');
    const profiled = { ...start, env: { ...start.env, PROFILE_FILE: file } };
    const { sent } = await measure(profiled, plan, 0, { started: turn, ended: turn });
    numbers.used(sent);
    const shares = [...summarise(file, placeOf)].filter(([, share]) => share >= 0.003);
    console.log(`\nwhere weiban's time goes, ${mode} mode, 64 connections (what Node does counts for its caller)`);
    for (const [name, share] of shares) console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
