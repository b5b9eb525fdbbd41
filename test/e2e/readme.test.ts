import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_KEY, startService, type TestService } from '../support/service.ts';
import { type Sink, startSink } from '../support/smtp-sink.ts';

const README = new URL('../../README.md', import.meta.url);

/** The commands of the second terminal, as they stand there, for another place and key. */
async function commands(url: string): Promise<string> {
  const chapter = (await readFile(README, 'utf8')).split('\n## ').find((part) => part.startsWith('The whole path'));
  const blocks = [...(chapter ?? '').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  const [settings = '', ...rest] = blocks;
  expect(settings).toMatch(/npm start\n$/);
  return rest
    .join('\n')
    .replace(/^API=.*$/m, `API=${url}`)
    .replace(/^export ADMIN_API_KEY=.*$/m, `ADMIN_API_KEY=${ADMIN_KEY}`);
}

describe('the walk of the README', () => {
  let dir: string;
  let sink: Sink;
  let service: TestService | undefined;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'owabi-readme-'));
    sink = await startSink();
    service = await startService({
      ...{ DATA_DIR: join(dir, 'data'), SMTP_URL: sink.url, MAIL_FROM: 'notice@example.com' },
      ...{ BOUNCE_DOMAIN: 'bounce.example.com', PUBLIC_URL: 'https://owabi.example.com' },
    });
  });
  afterAll(async () => {
    await service?.kill('SIGTERM');
    await sink.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('works as it is written, with curl alone, from the list to the posted letter', { timeout: 120_000 }, async () => {
    const script = `set -euo pipefail\n${await commands(service?.url ?? '')}`;
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: dir, timeout: 100_000 });
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      ...{ status: 'completed', balanced: true, persons: { total: 2, reached: 2 } },
      ...{ email: { total: 1, submitted: 1 }, letter: { total: 1, posted: 1 } },
    });
    expect(sink.accepted().map(({ to }) => to)).toEqual(['you@example.com']);
    expect((await readFile(join(dir, 'letters.pdf'))).subarray(0, 5).toString()).toBe('%PDF-');
    expect(await readFile(join(dir, 'manifest.csv'), 'utf8')).toMatch(/^sequence,reference,.*\r\n1,/);
  });
});
