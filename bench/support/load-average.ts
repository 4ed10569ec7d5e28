import { loadavg } from 'node:os';

/** What else the machine was doing: figures from a busy one are to be read with that in mind. */
export const sayLoad = (): void =>
  console.log(
    `load average ${loadavg()
      .map((one) => one.toFixed(1))
      .join(' ')}\n`,
  );
