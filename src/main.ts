import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { type Config, ConfigError, readConfig } from './config.ts';
import { DataDirInUse } from './db/data-dir-lock.ts';
import { openPostalData } from './intake/fields/postal-data.ts';
import { type Logger, makeLog } from './log.ts';
import { openQueues } from './queue/queues.ts';
import { barcodeFor } from './rendering/barcode/barcode-for.ts';
import { makeLetterPress } from './rendering/letter-press.ts';
import { loadTemplates } from './rendering/load-templates.ts';
import type { Services } from './services.ts';
import { startApi } from './start/api.ts';
import { openBlobs } from './start/blobs.ts';
import { openMail } from './start/mail.ts';
import { openStorage } from './start/storage.ts';
import { DRAIN_MS, startWorker } from './start/worker.ts';
import { dataKeyStore } from './vault/data-keys.store.ts';
import { loadMasterKey } from './vault/master-key.ts';
import { makeVault } from './vault/vault.ts';

const OLDEST_NODE = 24;
/** Everything that stopping may take: the requests in hand, then the messages under way, then closing. */
const STOP_MS = DRAIN_MS + 20_000;

/** Starts the roles that are asked for and returns what stops them, in order. */
async function start(config: Config, log: Logger): Promise<() => Promise<void>> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((err: unknown) => log.warn({ event: 'stop.failed', err }));
    }
  };
  try {
    const masterKey = await loadMasterKey(config.masterKey, config.dataDir);
    const postal = openPostalData(config.postalData);
    const templates = await loadTemplates(
      fileURLToPath(new URL('../templates', import.meta.url)),
      (person, maxWidthMm, mailer) => barcodeFor({ person, postal: postal(), maxWidthMm, mailer: mailer ?? null }),
    );
    const storage = await openStorage(config, log);
    closers.push(storage.close);
    const queues = await openQueues({ redisUrl: config.redisUrl, databaseUrl: storage.url }, (err) =>
      log.warn({ event: 'queue.connection_lost', err }),
    );
    closers.push(queues.close);
    const mail = await openMail(config, log);
    if (mail) closers.push(mail.close);
    const press = makeLetterPress({ threads: 1 });
    closers.push(press.close);
    const services: Services = {
      ...{ config, db: storage.db, log, templates, blobs: await openBlobs(config) },
      vault: makeVault({ masterKey, keys: dataKeyStore(storage.db) }),
      hint: (kind, taskId) =>
        void queues.hint(kind, taskId).catch((err: unknown) => log.warn({ event: 'hint.lost', kind, err })),
      postal,
      simulated: mail?.simulated ?? false,
    };
    if (config.roles.has('worker')) closers.push((await startWorker(services, queues, { mail, press })).stop);
    if (config.roles.has('api')) closers.push((await startApi(services, queues, { mail, press })).stop);
    log.info({ event: 'service.started', roles: [...config.roles], queue: config.redisUrl ? 'redis' : 'postgres' });
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(
    `Owabi needs Node.js ${OLDEST_NODE} and this is ${process.version}: start it with "npm start", which brings its own.`,
  );
}
try {
  const config = readConfig();
  const log = makeLog(config.logLevel);
  const close = await start(config, log);
  closeWithGrace({ delay: STOP_MS, logger: false }, async ({ signal, err }) => {
    if (err) log.fatal({ event: 'service.failed', err });
    log.info({ event: 'service.stopping', signal });
    await close();
    log.info({ event: 'service.stopped' });
  });
} catch (error) {
  if (error instanceof ConfigError)
    fail(`Owabi cannot start:\n${error.problems.map((line) => `- ${line}`).join('\n')}`);
  if (error instanceof DataDirInUse) fail(error.message);
  fail(`Owabi cannot start: ${(error as Error).message}`);
}
