import { readConfig } from '../config.ts';
import { makeLog } from '../log.ts';
import { openStorage } from '../start/storage.ts';

/** `npm run migrate`: brings the database that the settings name up to date, and ends. The service does it too. */
const config = readConfig();
const storage = await openStorage(config, makeLog(config.logLevel));
await storage.close();
process.stdout.write('The database is up to date.\n');
