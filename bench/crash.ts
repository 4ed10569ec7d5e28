import { crashUnderLoad } from './crash/under-load';
import { compileBench, compiled } from './support/compiled';
import { exitOnSignals } from './support/server-process';

// `npm run bench crash [-- <kills>]`: the server killed under load, twenty times unless said otherwise.
async function main(): Promise<boolean> {
  exitOnSignals();
  compileBench();
  const crashed = await crashUnderLoad({
    databaseUrl: process.env.DATABASE_URL!,
    server: [compiled('bench', 'crash', 'notes-server.js')],
    kills: Number(process.argv[2] ?? 20),
    connections: 32,
    people: 8,
    between: 500,
    tell: console.log,
  });
  const { kills, sent, answered, lost, otherwise, notes, uneven, undelivered, doubled, outOfStep } = crashed;
  console.log(`\n${kills} kills, ${sent} messages, ${answered} answered, ${notes} of them wrote`);
  console.log(`answered but not in Postgres: ${lost.length}`);
  console.log(`answered otherwise when repeated: ${otherwise.length}`);
  console.log(`chats out of step with their messages: ${outOfStep}`);
  console.log(
    `citizens with more or fewer notes than messages: ${uneven}, deliveries: ${undelivered}; same number said twice: ${doubled}`,
  );
  return (
    sent === answered && [lost.length, otherwise.length, outOfStep, uneven, undelivered, doubled].every((n) => n === 0)
  );
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
