import pino from 'pino';
import { shanghai } from './clock';

export type Log = pino.Logger;

type Output = { write(line: string): unknown };

/**
 * JSON lines on standard output, or short ones for a person at a terminal. Personal data and secrets never enter a call; what slips
 * through by these names is blotted out.
 */
export function createLog(level: string, forPerson = false, output: Output = process.stdout): Log {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'secret',
        'token',
        'aesKey',
        'password',
        'phone',
        'idNumber',
        'name',
        'content',
        'authorization',
        'cookie',
      ].flatMap((key) => [key, `*.${key}`]),
      censor: '[隐去]',
    },
  };
  return forPerson ? pino(options, { write: (line: string) => void output.write(readable(line)) }) : pino(options);
}

const levels: Record<number, string> = { 10: '细节', 20: '调试', 30: '提示', 40: '警告', 50: '错误', 60: '致命' };

/** `09:30 警告 message key=value`, the time as in Shanghai. */
function readable(line: string): string {
  const { level, time, msg, stack, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const clock = shanghai(new Date(String(time))).slice(11);
  const details = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  const words = [clock, levels[Number(level)] ?? '', msg, ...details].filter(
    (part) => part !== undefined && part !== '',
  );
  return `${words.join(' ')}\n${typeof stack === 'string' ? `${stack}\n` : ''}`;
}
