import path from 'node:path';
import { crashUnderLoad } from '../../bench/crash/under-load';

test('killed under load, again and again: what was answered is stored, and nothing ran twice', async () => {
  const { kills, sent, answered, notes, ...faults } = await crashUnderLoad({
    databaseUrl: process.env.TEST_DATABASE_URL!,
    server: ['--import', 'tsx', path.join(__dirname, '../../bench/crash/notes-server.ts')],
    kills: 3,
    connections: 16,
    people: 4,
    between: 100,
  });
  expect(kills).toBe(3);
  expect(answered).toBe(sent);
  expect(notes).toBeGreaterThan(0);
  expect(faults).toEqual({ lost: [], otherwise: [], outOfStep: 0, uneven: 0, undelivered: 0, doubled: 0 });
}, 180_000);
