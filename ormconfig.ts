import 'reflect-metadata';
import path from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { readConfig } from './src/config';

/** Tables and migrations are found by folder, alike from source and from `dist`, so that a service brings its own. */
export function dataSourceOptions(url: string | undefined): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [path.join(__dirname, 'src/**/tables.{ts,js}')],
    migrations: [path.join(__dirname, 'migrations/*.{ts,js}')],
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 10,
    extra: { connectionTimeoutMillis: 3000, idleTimeoutMillis: 30_000 },
  };
}

/** For the TypeORM command line, which wants an instance: `tsx node_modules/typeorm/cli.js -d ormconfig.ts …` */
export default new DataSource(dataSourceOptions(readConfig().databaseUrl));
