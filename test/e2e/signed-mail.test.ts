import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NoticeAnswer } from '../../src/demo/api.ts';
import { refusedStart, startService, type TestService } from '../support/service.ts';
import { type Authority, makeAuthority, makeSmimeFile, verifySmime } from '../support/smime.ts';
import { type Sink, type SinkMessage, startSink } from '../support/smtp-sink.ts';
import {
  acceptList,
  type Cast,
  cast,
  csvOf,
  emailsSettled,
  openIncident,
  releaseNotice,
  statsWhen,
} from '../support/story.ts';

const keys = {
  r1: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  e1: generateKeyPairSync('ed25519').privateKey,
};
let dir: string;
let authority: Authority;
let sink: Sink;
let service: TestService;
let people: Cast;
let settings: Record<string, string>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-signed-'));
  authority = await makeAuthority();
  sink = await startSink({ keepRaw: true });
  const { key, certificates } = await makeSmimeFile(authority);
  await writeFile(join(dir, 'identity.pem'), certificates + key);
  for (const [name, one] of Object.entries(keys)) {
    await writeFile(join(dir, `${name}.pem`), one.export({ type: 'pkcs8', format: 'pem' }));
  }
  settings = {
    ...{ DATA_DIR: join(dir, 'data'), SMTP_URL: sink.url, PUBLIC_URL: 'https://example.jp' },
    ...{ MAIL_FROM: '"窓口" <notice@example.jp>', BOUNCE_DOMAIN: 'bounce.example.jp' },
    DKIM_KEYS: `r1._domainkey.example.jp=${join(dir, 'r1.pem')} e1._domainkey.example.jp=${join(dir, 'e1.pem')}`,
    SMIME_IDENTITY: join(dir, 'identity.pem'),
  };
  service = await startService(settings);
  people = await cast(service.url);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  await sink.close();
  await rm(dir, { recursive: true, force: true });
});

function recordOf(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (key.asymmetricKeyType === 'rsa') return `v=DKIM1; k=rsa; p=${spki.toString('base64')}`;
  return `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`;
}

/** The signatures of a message that hold. */
async function signatures({ raw = Buffer.alloc(0) }: SinkMessage): Promise<string[]> {
  const { results } = await dkimVerify(raw, {
    resolver: async (name: string) => [[recordOf(name.startsWith('r1.') ? keys.r1 : keys.e1)]],
  });
  const good = results.filter(({ status }) => status.result === 'pass').map(({ selector }) => selector ?? '');
  return [...good, ...((await verifySmime(raw.toString('latin1'), authority)) ? ['smime'] : [])].sort();
}

describe('with keys and a certificate in the settings', () => {
  it('every notice is signed by all of them, and a repeated attempt is the same message', async () => {
    sink.behave(({ stage, to, attemptForAddress }) =>
      stage === 'dot' && to.startsWith('p000001@') && attemptForAddress === 1 ? { reply: '451 4.3.0 later' } : 'accept',
    );
    const incidentId = await openIncident(people);
    await acceptList(people, incidentId, csvOf(5));
    const { id } = await releaseNotice(people, incidentId, { template: 'apology', channels: 'email' });
    await statsWhen(people, id, 'all are sent', (stats) => emailsSettled(stats) && stats.email.submitted === 5);
    const received = sink.received();
    expect(received).toHaveLength(6);
    for (const message of received) expect(await signatures(message)).toEqual(['e1', 'r1', 'smime']);
    const [first, second] = received.filter(({ to }) => to.startsWith('p000001@'));
    expect(second?.messageId).toBe(first?.messageId);
    expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(5);
    const { headers } = await simpleParser(first?.raw ?? '');
    expect(headers.get('feedback-id')).toBe(`${id}:notice:example.jp`);
  });

  it('a test mail is signed like the real ones, and marked', async () => {
    sink.behave(() => 'accept');
    const { operator } = people;
    const incidentId = await openIncident(people);
    const { id } = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, {
      ...{ template: 'apology', channels: 'email' },
    });
    await operator.post(`/v1/notices/${id}/test`, { email: 'me@example.jp' });
    const message = sink.accepted().at(-1) as SinkMessage;
    expect(await signatures(message)).toEqual(['e1', 'r1', 'smime']);
    expect((await simpleParser(message.raw ?? '')).subject).toMatch(/^\[TEST \/ テスト\] /);
  });
});

describe('a start with files that cannot sign', () => {
  it.each([
    ['DKIM_KEYS', () => `s1._domainkey.example.jp=${join(dir, 'absent.pem')}`],
    ['SMIME_IDENTITY', () => join(dir, 'r1.pem')],
  ])('is refused with a sentence that names %s and the file', async (name, value) => {
    const { code, said } = await refusedStart({ ...settings, DATA_DIR: join(dir, 'refused'), [name]: value() });
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(`^Owabi cannot start: ${name}: ${dir}/\\S+\\.pem (?:cannot be read|holds no)`, 'm'),
    );
  });
});
