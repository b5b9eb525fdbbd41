import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { taskKinds } from '../src/queue/queues.ts';
import {
  type Boundary,
  crossings,
  filesIn,
  impurities,
  longFiles,
  longFunctions,
  mentions,
  misnumbered,
  notOnce,
  root,
  type SourceFile,
  uses,
} from './support/architecture.ts';

const source = filesIn('src');
const bench = filesIn('bench');
const tests = filesIn('test').filter(({ path }) => path.endsWith('.ts'));
const migrations = filesIn('migrations');
const file = (path: string, text: string): SourceFile => ({ path, text });
const textOf = (path: string): string => source.find((one) => one.path === path)?.text ?? '';

/** Rooms whose work is to talk to the outside, the composition, and the development tools. */
const OUTWARD = /^src\/(start|db|queue|http|catcher|demo)\//;
const BY_ENDING = /\.(store|job|routes|worker)\.ts$/;
/** Files with a plain name that are not pure, and why they cannot be. */
const NOT_PURE: Record<string, string> = {
  'src/main.ts': 'the composition root',
  'src/pipeline.ts': 'names the handlers',
  'src/services.ts': 'the types of what the composition root made',
  'src/config.ts': 'reads the environment',
  'src/log.ts': 'writes',
  'src/alerts/alerts.ts': 'tells what is due, with deadlines',
  'src/alerts/mail-alert.ts': 'a connection to a relay',
  'src/alerts/post-alert.ts': 'calls the webhook',
  'src/delivery/delivery-content.ts': 'reads one delivery and has it typeset',
  'src/delivery/dispatch/dispatcher.ts': 'a loop on a timer',
  'src/delivery/dispatch/hand-out.ts': 'reads and uses up the budgets',
  'src/delivery/email/group-writer.ts': 'gathers by turns of the event loop',
  'src/delivery/email/send-test.ts': 'a connection to a relay',
  'src/delivery/email/relay-pool.ts': 'holds connections',
  'src/delivery/email/relays/connect-relay.ts': 'opens connections',
  'src/delivery/email/submit-message.ts': 'speaks SMTP',
  'src/delivery/letter/printer/drop-place.ts': 'the printer’s folder or bucket',
  'src/delivery/letter/printer/sftp-place.ts': 'a connection to the printer',
  'src/delivery/letter/render-batch.ts': 'reads a batch and keeps what the press makes of it',
  'src/delivery/preflight/dns-checks.ts': 'asks the DNS',
  'src/delivery/preflight/look-ups.ts': 'asks the DNS, for a limited time',
  'src/delivery/preflight/preflight.ts': 'asks relays and the DNS',
  'src/delivery/preflight/probe-relay.ts': 'a connection to a relay',
  'src/delivery/preflight/relay-addresses.ts': 'asks the DNS for the addresses of relays',
  'src/intake/fields/postal-data.ts': 'reads the postal data',
  'src/rendering/fonts.ts': 'finds the font files',
  'src/delivery/letter/batch-checks.ts': 'writes files',
  'src/rendering/letter-check/check-printed.ts': 'has pictures made',
  'src/rendering/letter-check/page-pictures.ts': 'loads PDFium',
  'src/rendering/letter-press.ts': 'runs worker threads',
  'src/rendering/load-templates.ts': 'reads the templates',
  'src/tasks/run-task.ts': 'claims, does and gives back',
  'src/tasks/worker-life.ts': 'a heart that beats',
  'src/tasks/keep-trying.ts': 'waits between tries',
  'src/delivery/email/ledger-writer.ts': 'gathers what connections want written',
  'src/tracking/listener/keep-report.ts': 'waits for storing, for a limited time',
  'src/tracking/listener/listener.ts': 'listens',
  'src/tracking/listener/report-server.ts': 'speaks SMTP',
  'src/tracking/mailbox/collect-reports.ts': 'takes mail out of the mailbox',
  'src/tracking/mailbox/connect-mailbox.ts': 'a connection to the mailbox',
  'src/tracking/mailbox/mailbox.ts': 'a loop on a connection',
  'src/tracking/mailbox/move-messages.ts': 'moves mail in the mailbox',
  'src/tracking/webhooks/ask-sns.ts': 'asks Amazon SNS',
  'src/users/api-key.ts': 'makes random keys',
  'src/vault/age.ts': 'draws the key of a file',
  'src/vault/blobs.ts': 'writes and reads files',
  'src/vault/bucket/ask-bucket.ts': 'asks the storage, for a limited time',
  'src/vault/bucket/bucket.ts': 'reads from the storage, for a limited time',
  'src/vault/bucket/probe-bucket.ts': 'draws a name that nothing has',
  'src/vault/bucket/put-object.ts': 'draws a mark that no other writing has',
  'src/vault/master-key.ts': 'reads or makes the key file',
  'src/vault/printer-login.ts': 'reads the key file',
  'src/vault/seal.ts': 'draws random IVs',
  'src/vault/signing-keys.ts': 'reads the key files',
  'src/vault/smime-identity.ts': 'reads the file of the certificate',
  'src/vault/tls-identity.ts': 'reads the file of the key and the certificates',
  'src/vault/vault.ts': 'draws keys and reads wrapped ones',
};
const isPure = (path: string) => !OUTWARD.test(path) && !BY_ENDING.test(path) && !(path in NOT_PURE);

describe('a file’s name says what it touches', () => {
  it('a plain name means no database, disk, network, clock or chance, and nothing that has them', () => {
    expect(impurities(source, isPure)).toEqual([]);
  });

  it('has no exception to this that is not needed', () => {
    const idle = Object.keys(NOT_PURE).filter((path) => {
      const found = source.filter((one) => one.path === path);
      return impurities(found, (other) => other === path || isPure(other)).length === 0;
    });
    expect(idle).toEqual([]);
  });

  it('notices a plain file that asks the clock, the disk or a store', () => {
    const bad = file(
      'src/notice/plan.ts',
      `import { readFile } from 'node:fs/promises';
       import {
         getNotice,
         type Row,
       } from './notices.store.ts';
       import type { Row as Other } from './notices.store.ts';
       import type { Services } from '../services.ts';
       export { hashOf } from './content-hash.ts';
       export const at = () => Date.now();`,
    );
    expect(impurities([bad], isPure)).toEqual([
      'src/notice/plan.ts → node:fs/promises',
      'src/notice/plan.ts → src/notice/notices.store.ts',
      'src/notice/plan.ts → src/services.ts',
      'src/notice/plan.ts uses Date.now',
    ]);
  });
});

const boundaries: [what: string, boundary: Boundary, bad: SourceFile][] = [
  [
    'only http knows Fastify',
    { forbidden: ({ from }) => /^(fastify|@fastify\/.+)$/.test(from), allowed: (path) => path.startsWith('src/http/') },
    file('src/notice/x.ts', `import type { FastifyReply } from 'fastify';`),
  ],
  [
    'only start puts http to use',
    {
      forbidden: ({ from }) => from.startsWith('src/http/'),
      allowed: (path) => path.startsWith('src/http/') || path === 'src/start/api.ts',
    },
    file('src/delivery/x.job.ts', `import { closed } from '../http/schemas.ts';`),
  ],
  [
    'only queue knows BullMQ and Redis',
    { forbidden: ({ from }) => /^(bullmq|ioredis)$/.test(from), allowed: (path) => path.startsWith('src/queue/') },
    file('src/start/x.ts', `const { Queue } = await import('bullmq');`),
  ],
  [
    'only the vault handles keys; others hash and draw random numbers',
    {
      forbidden: ({ from, names }) =>
        /^(node:)?crypto$/.test(from) &&
        !names.every((name) => /^(createHash|hash|randomBytes|randomUUID)$/.test(name)),
      allowed: (path) => path.startsWith('src/vault/'),
    },
    file('src/intake/x.ts', `import { createHash, createHmac as mac } from 'node:crypto';`),
  ],
  [
    'only the vault seals with a key in hand',
    { forbidden: ({ from }) => from === 'src/vault/seal.ts', allowed: (path) => path.startsWith('src/vault/') },
    file('src/intake/x.store.ts', `import { seal } from '../vault/seal.ts';`),
  ],
  [
    'only the composition root loads the master key',
    { forbidden: ({ from }) => from === 'src/vault/master-key.ts', allowed: (path) => path === 'src/main.ts' },
    file('src/start/x.ts', `import { loadMasterKey } from '../vault/master-key.ts';`),
  ],
  [
    'SQL is written in stores, in db, in the queue, and for two single statements',
    {
      forbidden: ({ from, typeOnly }) => /^(pg|kysely)(\/|$)/.test(from) && !typeOnly,
      // The health check's `select 1`, and the isolation level in which a notice is frozen.
      allowed: (path) =>
        /^src\/(db|queue)\/|\.store\.ts$/.test(path) ||
        ['src/start/api.ts', 'src/notice/freeze-notice.job.ts'].includes(path),
    },
    file('src/http/api/x.routes.ts', `import { sql } from 'kysely';`),
  ],
  [
    'the service knows neither its demo nor its tests',
    {
      forbidden: ({ from }) => /^(src\/demo|test|bench)\//.test(from),
      allowed: (path) => path.startsWith('src/demo/'),
    },
    file('src/start/x.ts', `import '../demo/main.ts';`),
  ],
];

describe('who knows what', () => {
  it.each(boundaries)('%s', (_what, boundary, bad) => {
    expect(crossings(source, boundary)).toEqual([]);
    // The guard itself: a file that crosses the boundary is found.
    expect(crossings([bad], boundary)).toHaveLength(1);
  });

  it('reads the environment in config.ts alone', () => {
    const ENVIRONMENT = /\bprocess\s*\.\s*env\b|\benv\b[^=;]*}\s*=\s*process\b|\benv\b[^;]*from 'node:process'/;
    // The demo hands the environment on to the service it starts, without the settings that it makes itself.
    const allowed = ['src/config.ts', 'src/demo/main.ts'];
    expect(uses([...source, ...bench], ENVIRONMENT, allowed)).toEqual([]);
    const bad = ['if (process.env.NODE_ENV) x();', 'const { env } = process;', `import { env } from 'node:process';`];
    for (const text of bad) expect(uses([file('src/x.ts', text)], ENVIRONMENT, allowed), text).toHaveLength(1);
  });
});

describe('every kind of work', () => {
  const consumers = [...textOf('src/pipeline.ts').matchAll(/^ {4}'([a-z-]+)':/gm)].map(([, kind]) => kind as string);

  it('has exactly one consumer, in pipeline.ts', () => {
    expect(notOnce(consumers, taskKinds)).toEqual([]);
    const CONSUME = /\.consume\(|\bnew (?:\w+\.)?Worker\(/;
    const threads = ['src/rendering/letter-press.ts'];
    expect(uses(source, CONSUME, ['src/start/worker.ts', 'src/queue/queues.ts', ...threads])).toEqual([]);
  });

  it('is made by somebody, and known to the database', () => {
    const makers = source.filter(({ path }) => !/^src\/(pipeline|queue\/queues|db\/schema)\.ts$/.test(path));
    for (const kind of taskKinds) {
      const make = new RegExp(`createTask\\([^)]*'${kind}'|insert into tasks[^;\`]*'${kind}'`);
      expect(makers.filter(({ text }) => make.test(text)).length, kind).toBeGreaterThan(0);
    }
    const sql = migrations.map(({ text }) => text).join('\n');
    const lists = [
      ...sql.matchAll(/(?:create table tasks |alter table tasks add )[^;]*?check \(kind in\s*\(([^)]*)\)/g),
    ];
    expect(lists.at(-1)?.[1]?.match(/[a-z-]+/g)).toEqual([...taskKinds]);
  });

  it('would be missed when it had none, two, or came from nowhere', () => {
    expect(notOnce(['a', 'b', 'b', 'd'], ['a', 'b', 'c'])).toEqual(['b: 2 times', 'c: 0 times', 'd: not known']);
  });
});

describe('the database', () => {
  const verify = (project: string) => {
    const bin = join(root, 'node_modules/.bin');
    execFileSync(join(bin, 'node'), [join(project, 'src/db/generate-types.ts'), '--verify'], {
      ...{ cwd: project, stdio: 'pipe', env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } },
    });
  };

  it('has the types that its migrations make', () => {
    expect(() => verify(root)).not.toThrow();
  });

  it('would show a migration whose types nobody generated', () => {
    const copy = mkdtempSync(join(tmpdir(), 'owabi-drift-'));
    try {
      mkdirSync(join(copy, 'src'));
      cpSync(join(root, 'src/db'), join(copy, 'src/db'), { recursive: true });
      cpSync(join(root, 'migrations'), join(copy, 'migrations'), { recursive: true });
      cpSync(join(root, 'package.json'), join(copy, 'package.json'));
      symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
      writeFileSync(join(copy, 'migrations/9999_add_drift.sql'), 'alter table users add column drift int;');
      expect(() => verify(copy)).toThrow(/not up-to-date|out of date|differ/i);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('has migrations numbered from 0001 without a gap', () => {
    expect(misnumbered(migrations.map(({ path }) => path.replace('migrations/', '')))).toEqual([]);
    expect(misnumbered(['0001_a.sql', '0003_b.sql', '0003_c.sql', '0004_d.txt'])).toEqual(['0003_b.sql', '0004_d.txt']);
  });
});

describe('the size of things', () => {
  it('no file is over 400 lines', () => {
    expect(
      // The types of the database are generated, and read by nobody from top to bottom.
      longFiles(
        [...source, ...bench, ...tests].filter(({ path }) => path !== 'src/db/schema.ts'),
        400,
      ),
    ).toEqual([]);
    expect(longFiles([file('a.ts', 'x\n'.repeat(400)), file('b.ts', 'x\n'.repeat(401))], 400)).toEqual([
      'b.ts: 401 lines',
    ]);
  });

  it('no function is over 60 lines', () => {
    expect(longFunctions(root, ['src', 'bench'], 60)).toEqual([]);
  });

  it('would show a long function, and not a long list of short ones', () => {
    const folder = mkdtempSync(join(tmpdir(), 'owabi-long-'));
    try {
      const body = (lines: number) => '  one();\n'.repeat(lines);
      writeFileSync(join(folder, 'long.ts'), `export function long() {\n${body(59)}}\n`);
      writeFileSync(
        join(folder, 'many.ts'),
        `export function many() {\n${`  a(() => {\n${body(30)}  });\n`.repeat(9)}}\n`,
      );
      expect(longFunctions(folder, ['.'], 60).map((found) => found.replace(/^\.\//, ''))).toEqual([
        'long.ts:1: 61 lines',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the whole', () => {
  it('has at its top level what belongs there, and nothing else', () => {
    const allowed = [
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'docker-compose.yml', 'README.md', 'LICENSE'],
      ...['src', 'templates', 'migrations', 'test', 'docs', 'bench', 'node_modules', 'coverage'],
    ];
    const names = readdirSync(root).filter((name) => !name.startsWith('.'));
    expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
    for (const name of allowed.slice(0, -2)) expect(existsSync(join(root, name)), name).toBe(true);
  });

  it('names nobody who really had a breach: examples are invented', () => {
    // Spelt apart, so that this file does not name them either.
    const words = ['\u30b4\u30b4\u30b8\u30e3\u30f3', '\u65e9\u5ddd', 'gogo|jungle', 'fx|-on', '726|-491'];
    const real = words.map((word) => word.replace('|', ''));
    expect(mentions(filesIn('.'), real)).toEqual([]);
    for (const word of real) expect(mentions([file('a.md', `x ${word.toUpperCase()} x`)], real), word).toHaveLength(1);
    expect(mentions([file('a.md', '\uff26\uff38\uff0d\uff2f\uff2e')], real)).toEqual(['a.md']);
  });
});
