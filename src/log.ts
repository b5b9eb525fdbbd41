import pino, { type Logger } from 'pino';

export type { Logger };

const GATHER_BYTES = 8 * 1024;
const GATHER_MS = 100;

/**
 * The log: one JSON event a line on standard output, with ids and codes. An error is logged by name, code and where it
 * was thrown; its message is not, because drivers and servers put the data at hand into it.
 */
export function makeLog(level: string): Logger {
  // Gathered for a moment: with a write for each line, logging took an eighth of the time of sending. What was gathered
  // is written out when the process ends, unless it is killed; the ledger, not the log, is what counts then.
  const destination = pino.destination({ dest: 1, sync: false, minLength: GATHER_BYTES });
  setInterval(() => destination.flush(), GATHER_MS).unref();
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    // Not `err`: of an error under its own key for errors pino copies the message into the line.
    errorKey: 'thrown',
    hooks: {
      // Of a bare error pino makes its message the line's.
      logMethod(args: unknown[], method: (...args: unknown[]) => void) {
        method.apply(this, args[0] instanceof Error ? [{ err: args[0] }] : args);
      },
    },
  };
  return pino(options, destination);
}

function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as { code?: unknown };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: frames.slice(0, 8).map((line) => line.trim()),
  };
}
