import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

// Loaded before the server with `--require`: SIGUSR2 starts a profile, the next one ends it and writes it to PROFILE_FILE.
const session = new Session();
session.connect();
let running = false;
process.on('SIGUSR2', () => {
  running = !running;
  if (running) session.post('Profiler.enable', () => session.post('Profiler.start'));
  else
    session.post('Profiler.stop', (_error, { profile }) =>
      writeFileSync(process.env.PROFILE_FILE!, JSON.stringify(profile)),
    );
});
