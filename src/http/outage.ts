import { BucketError } from '../vault/bucket/bucket-error.ts';

// SQLSTATE classes 08 (connection) and 53 (resources), and the shutdown codes of class 57.
const SQL_OUTAGE = /^(08...|53...|57P0[1-5])$/;
const SOCKET_OUTAGE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);
// `pg` and `ioredis` give these no code.
const WORDS =
  /^(Connection terminated|Connection is closed|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Command timed out|Reached the max retries)/;

/** Whether an error means that the database, the queue's server or the storage cannot be reached, rather than that we are wrong. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  if (!(error instanceof Error)) return false;
  if (error instanceof BucketError) return error.passing;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return WORDS.test(error.message);
  // A file that is missing is a fault of ours; a socket path that is missing is a database that is down.
  if (code === 'ENOENT') return syscall === 'connect';
  return SQL_OUTAGE.test(code) || SOCKET_OUTAGE.has(code);
}
