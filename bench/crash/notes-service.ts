import type { Client } from 'pg';
import { flow } from '../../src/dialogue/flow';
import { defineService } from '../../src/dialogue/service';

export const noteWords = '记一笔';

export const makeNotesTable = (client: Client) =>
  client.query('CREATE TABLE bench_notes (id bigint GENERATED ALWAYS AS IDENTITY, openid text NOT NULL)');

/**
 * A service that writes with every message: a row of its own without any key that would forgive a second one, and a delivery. It says
 * how many notes the citizen has by now.
 */
export const notes = defineService({
  key: 'notes',
  kind: 'do',
  title: '记事',
  opens: [
    {
      key: 'notes',
      keywords: [noteWords],
      start: flow('notes').done(async (_answers, { tx, account, openid, deps }) => {
        await tx.query('INSERT INTO bench_notes (openid) VALUES ($1)', [openid]);
        const [row] = await tx.query<{ n: number }>('SELECT count(*)::int AS n FROM bench_notes WHERE openid = $1', [
          openid,
        ]);
        const message = { type: 'text' as const, content: `第 ${row!.n} 笔` };
        await deps.delivery.enqueue(tx, { accountId: account.id, openid, message, source: 'notes' });
        return message.content;
      }),
    },
  ],
});
