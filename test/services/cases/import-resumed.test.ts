import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Connection } from 'pg';
import { storeFile } from '../../../src/services/cases/imports/store-file';
import { nextTurn, Superseded } from '../../../src/services/cases/imports/turn';
import { workOnImports } from '../../../src/services/cases/imports/work';
import { signIn } from '../../console/client';
import { testSecretKey } from '../../support/server';
import {
  apply,
  base,
  checked,
  countLike,
  header,
  type Import,
  look,
  office,
  openImportDesk,
  operator,
  upload,
} from './import-desk';
import type { Shift } from './import-worker';
import { step } from './office';

// A file is stored in chunks, and goes on where it was after a kill, a lost turn, a source that was switched off.

openImportDesk();

test('files that a process was taking as it was killed keep nobody from sending others for long', async () => {
  const sent = (await upload(`${header}\nKU20260001,普通护照,已受理,2026-02-20,,,`)).body.id;
  await workOnImports(office.deps);
  const killedBefore = (minutes: number) =>
    office.db.query(
      `INSERT INTO case_imports (id, source_id, staff_id, file_name, status, asked_at, beat_at)
       SELECT 'killed-' || n || '-' || $2::int, source_id, staff_id, file_name, 'uploading', asked_at - $2::int * interval '1 minute', beat_at
         FROM case_imports, generate_series(1, 3) n WHERE id = $1`,
      [sent, minutes],
    );
  await killedBefore(6);
  expect((await upload(header)).status).toBe(202);
  await killedBefore(1);
  expect((await upload(header)).status).toBe(429);
  expect(await office.db.query(`DELETE FROM case_imports WHERE status = 'uploading' RETURNING id`)).toHaveLength(3);
  await workOnImports(office.deps);
});

describe('a process that is killed loses nothing, and the next does nothing twice', () => {
  /** Works in a process of its own that finds a lock in its way, and is killed there once it has come so far. */
  async function workUntilKilled(lock: string, reached: () => Promise<boolean>): Promise<void> {
    const holder = new Connection({ connectionString: office.server.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(lock);
    const child = fork(path.join(__dirname, 'import-worker.ts'), { execArgv: ['--import', 'tsx'] });
    try {
      const ended = once(child, 'exit');
      const shift: Shift = {
        databaseUrl: office.server.databaseUrl,
        secretKey: testSecretKey,
        at: office.deps.clock.now().toISOString(),
      };
      child.send(shift);
      while (child.exitCode === null && !(await reached())) await pause(10);
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
    } finally {
      await holder.end();
    }
  }
  const count = async (sql: string, values: unknown[] = []) =>
    (await office.db.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`, values))[0]!.count;
  const staged = (id: string) => count('case_import_rows WHERE import_id = $1', [id]);
  /** What the killed one held is let go once PostgreSQL has noticed. */
  async function workUntil(id: string, status: string): Promise<Import> {
    for (;;) {
      await workOnImports(office.deps);
      const one = await look(id);
      if (one.status === status) return one;
      if (one.status === 'failed' || one.status === 'faulty') throw new Error(JSON.stringify(one));
      await pause(10);
    }
  }
  const rows = 9000;
  const sheet = (prefix: string) =>
    [
      header,
      ...Array.from(
        { length: rows },
        (_, n) => `${prefix}${String(n).padStart(8, '0')},普通护照,审核通过,2026-02-20 10:00,,,`,
      ),
      // Those that move twice in one file.
      ...Array.from({ length: 3 }, (_, n) => `${prefix}0000000${n + 6},普通护照,制证中,2026-02-21 10:00,,,`),
    ].join('\n');

  test('while it checks: the check begins anew. While it stores: it goes on where that was, each citizen told once', async () => {
    const citizen = await office.citizen();
    for (const number of ['KL00000007', 'KL00008000']) {
      await office.store(office.police, step(number, 'accepted', '2026-02-18 10:00', { code: 'RIGHT1' }));
      const { token } = (await citizen.post<{ item: { token: string } }>('/cases/find', { number, factor: 'RIGHT1' }))
        .body.item;
      await citizen.post('/cases/follow', { token, follow: true });
    }
    const { id } = (await upload(sheet('KL'))).body;
    await workUntilKilled('LOCK TABLE case_import_faults', async () => (await staged(id)) === rows + 3);
    expect(await look(id)).toMatchObject({ status: 'checking', summary: null });
    // Nobody takes it from a process that may still be at it.
    await workOnImports(office.deps);
    expect((await look(id)).status).toBe('checking');
    office.setTime('2026-03-02T10:05:00+08:00');
    expect(await workUntil(id, 'ready')).toMatchObject({
      total: rows + 3,
      summary: { rows: rows + 3, cases: rows, fresh: rows - 2 },
    });
    expect(await staged(id)).toBe(rows + 3);

    expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
    const done = async () => (await look(id)).done;
    await workUntilKilled(`SELECT FROM cases WHERE number = 'KL00008000' FOR UPDATE`, async () => (await done()) > 0);
    const half = await look(id);
    expect([half.status, half.done]).toEqual(['storing', 5000]);
    // One of those that were there is among those that are still to come, and of another two both steps are stored.
    expect(await countLike('KL%')).toBe(5000 - 3 + 1);
    expect(await office.told(citizen.openid)).toHaveLength(2);
    office.setTime('2026-03-02T10:10:00+08:00');
    expect(await workUntil(id, 'done')).toMatchObject({ done: rows + 3 });
    expect(await countLike('KL%')).toBe(rows);
    const stepsOf = async (steps: number) =>
      count(`cases WHERE number LIKE 'KL%' AND jsonb_array_length(steps) = $1`, [steps]);
    // Two that were there before moved on once and twice, two others twice.
    expect([await stepsOf(1), await stepsOf(2), await stepsOf(3)]).toEqual([rows - 4, 3, 1]);
    expect((await office.told(citizen.openid)).map(({ title }) => title).sort()).toEqual([
      '普通护照：制证中',
      '普通护照：审核通过',
      '普通护照：审核通过',
    ]);
    expect(await staged(id)).toBe(0);
    office.setTime('2026-03-02T10:00:00+08:00');
  }, 120_000);

  test('rows that a crash of the database has emptied are read from the file once more', async () => {
    const one = await checked(sheet('KM'));
    await office.db.query('TRUNCATE case_import_rows');
    expect(await apply(one.id)).toMatchObject({ status: 'done', done: rows + 3, total: rows + 3 });
    expect(await countLike('KM%')).toBe(rows);
  });
});

test('a source that is switched off takes in no more of a file; on again, the file sent anew stores the rest', async () => {
  const founder = await signIn(office.server, 'supervisor');
  const turn = async (on: boolean) =>
    expect((await founder.send('POST', `${base}/sources/${office.police}/switch`, { on })).status).toBe(200);
  const lines = [header, 'OF20260001,普通护照,已受理,2026-02-20,,,', 'OF20260002,普通护照,已受理,2026-02-20,,,'];
  const { id } = await checked(lines.join('\n'));
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  await turn(false);
  await workOnImports(office.deps);
  expect(await look(id)).toMatchObject({
    status: 'failed',
    reason: '来源停用了，存到一半停了下来；启用以后把文件再上传一次，存过的不会重复',
  });
  expect(await countLike('OF%')).toBe(0);
  await turn(true);
  expect(await apply((await checked(lines.join('\n'))).id)).toMatchObject({ status: 'done' });
  expect(await countLike('OF%')).toBe(2);
});

test('a process that has lost its turn leaves alone what the other is at', async () => {
  const { id } = await checked(`${header}\nLT20260001,普通护照,已受理,2026-02-20,,,`);
  expect((await operator.send('POST', `${base}/imports/${id}/apply`)).status).toBe(202);
  const late = (await nextTurn(office.deps))!;
  office.setTime('2026-03-02T10:05:00+08:00');
  expect(await nextTurn(office.deps)).toMatchObject({ id, run: late.run + 1 });
  await expect(storeFile(late, office.deps)).rejects.toThrow(Superseded);
  expect(await look(id)).toMatchObject({ status: 'storing' });
  office.setTime('2026-03-02T10:10:00+08:00');
  await workOnImports(office.deps);
  expect(await look(id)).toMatchObject({ status: 'done' });
  expect(await countLike('LT%')).toBe(1);
  office.setTime('2026-03-02T10:00:00+08:00');
});
