import { parseArgs } from 'node:util';
import type { Mode } from './account';

/** What `npm run bench callback -- …` may be asked. */
export function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      connections: { type: 'string' },
      modes: { type: 'string', default: 'plain,safe' },
      servers: { type: 'string', default: 'co-wechat,ceiling,weiban' },
      minutes: { type: 'string' },
      profile: { type: 'boolean', default: true },
      'free-text': { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const number = (given: string | undefined, usual: number, quick: number) =>
    Number(given ?? (values.quick ? quick : usual));
  return {
    rounds: number(values.rounds, 3, 1),
    seconds: number(values.seconds, 5, 2),
    warmup: number(values.warmup, 2, 1),
    connections: (values.connections ?? (values.quick ? '64' : '16,64,256')).split(',').map(Number),
    modes: values.modes.split(',').map(asMode),
    servers: values.servers.split(','),
    /** how long to run weiban alone while its memory is watched; undefined: compare */
    minutes: values.minutes === undefined ? undefined : Number(values.minutes),
    profile: values.profile,
    freeText: values['free-text'],
  };
}

export type Options = ReturnType<typeof readOptions>;

function asMode(name: string): Mode {
  if (name !== 'plain' && name !== 'safe') throw new Error(`--modes takes plain and safe, not ${name}`);
  return name;
}
