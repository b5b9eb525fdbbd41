import type { Kysely } from 'kysely';
import type { Config } from './config.ts';
import type { DB } from './db/schema.ts';
import type { PostalTable } from './intake/fields/postal-table.ts';
import type { Logger } from './log.ts';
import type { TaskKind } from './queue/queues.ts';
import type { TemplateSet } from './rendering/types.ts';
import type { Blobs } from './vault/blobs.ts';
import type { Vault } from './vault/vault.ts';

/** What the composition root made. Each room takes the few of these that it needs (`Pick<Services, …>`). */
export interface Services {
  config: Config;
  db: Kysely<DB>;
  vault: Vault;
  blobs: Blobs;
  log: Logger;
  templates: TemplateSet;
  /** The postal codes of Japan, read when they are first asked for. */
  postal(): PostalTable | null;
  /** Hints at a task after the transaction that made it; a lost hint is said again by the sweeper. */
  hint(kind: TaskKind, taskId: string): void;
  /** True with the built-in catcher: every figure says so. */
  simulated: boolean;
}
