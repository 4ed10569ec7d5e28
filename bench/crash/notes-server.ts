import { readConfig } from '../../src/config';
import { startServer } from '../../src/server';
import { loadServices } from '../../src/services/loader';
import { notes } from './notes-service';

// The server as `npm start` runs it, with one more service. It is never asked to stop: that is what is being tested.
process.stdin.resume().on('end', () => process.exit(1));
const { databaseUrl, secretKey, ...config } = readConfig();
startServer({ ...config, databaseUrl: databaseUrl!, secretKey: secretKey! }, [...loadServices(), notes]).then(
  ({ stop }) => process.once('SIGTERM', () => stop().then(() => process.exit(0))),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
