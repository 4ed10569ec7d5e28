import { type Plan, prepare, run } from './load';

// The load generator in a process of its own. It is told a plan, says that it is ready, goes when told to, and says what it saw.
process.once('message', (plan: Plan) => {
  const requests = prepare(plan);
  process.once('message', async () => {
    const loaded = await run(plan, requests, () => process.send!({ measuring: true }));
    process.send!({ loaded }, () => process.disconnect());
  });
  process.send!({ ready: true });
});
