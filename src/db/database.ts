import {
  type ControlledTransaction,
  type Kysely,
  Kysely as KyselyClass,
  PostgresDialect,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import type { DB } from './schema.ts';

/** The database or a transaction in it: stores take either. */
export type Db = Kysely<DB> | Transaction<DB> | ControlledTransaction<DB>;

export interface Database {
  db: Kysely<DB>;
  pool: pg.Pool;
  close(): Promise<void>;
}

/**
 * Opens a pool on `url`. A connection that breaks is replaced by the next query; the break is told to `onError`.
 * @param max most connections held at once
 */
export function openDatabase(url: string, max: number, onError: (error: Error) => void): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    application_name: 'owabi',
    types,
  });
  pool.on('error', onError);
  // The pool listens to idle clients only: a client that breaks while it is in use would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  const db = new KyselyClass<DB>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}

// A date of law or of letters is a date, not an instant of some time zone.
const DATE_OID = 1082;
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === DATE_OID ? String : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

const RETRYABLE = new Set(['40001', '40P01']);

/** Runs `work` in a transaction, again when Postgres says that two of them met (serialization failure, deadlock). */
export async function inTransaction<T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<T>,
  tries = 5,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= tries || !RETRYABLE.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
