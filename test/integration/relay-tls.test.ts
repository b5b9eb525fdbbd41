import { afterEach, describe, expect, it } from 'vitest';
import { classifyFailure } from '../../src/delivery/email/classify-failure.ts';
import { type RelaySetting, readRelay } from '../../src/delivery/email/relays/relay-setting.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type RawRelay, startRawRelay } from '../support/raw-relay.ts';
import { allowed, messageTo, type TestPool, testPool } from '../support/relay-pool.ts';

const HOST = 'mail.example.jp';

let relay: RawRelay;
let pool: TestPool;
afterEach(async () => {
  await pool.close();
  await relay.close();
});

/** As if HOST were found at 127.0.0.1: the rules go by the name in the URL. */
function setting(parameters: string, ca?: string): RelaySetting {
  const read = readRelay(`smtp://${HOST}:${relay.port}${parameters}`);
  const tls = { ...read.options.tls, ...(ca && { ca }) };
  return { ...read, options: { ...read.options, host: '127.0.0.1', servername: HOST, tls } };
}

async function submit(parameters: string, ca?: string) {
  pool = testPool([setting(parameters, ca)], 1);
  return await pool.submit(messageTo('taro@example.jp'), allowed);
}

describe('over a network', () => {
  it('a message goes out encrypted to a relay with a valid certificate of its name', async () => {
    const certificate = await makeCertificate(30, HOST);
    relay = await startRawRelay({ tls: certificate });
    expect((await submit('', certificate.cert)).kind).toBe('submitted');
    expect(relay.commands.map((line) => line.split(' ')[0])).toEqual([
      ...['EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'DATA'],
    ]);
    expect(relay.bodies.length).toBe(1);
  });

  it.each([
    ['for another host', 30, 'other.example.jp', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that has expired', -1, HOST, true, 'CERT_HAS_EXPIRED'],
    ['of an authority that nobody knows', 30, HOST, false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('nothing is sent where the certificate is one %s', async (_what, days, host, isKnown, code) => {
    const certificate = await makeCertificate(days, host);
    relay = await startRawRelay({ tls: certificate });
    const submission = await submit('', isKnown ? certificate.cert : undefined);
    expect(submission).toMatchObject({ kind: 'failed', failure: { stage: 'connect', reply: null } });
    expect(submission.kind === 'failed' && classifyFailure(submission.failure)).toBe('network');
    expect([pool.down, pool.refused]).toEqual([[`${HOST}:${relay.port} ${code}`], []]);
    expect(relay.commands.map((line) => line.split(' ')[0])).toEqual(['EHLO', 'STARTTLS']);
  });

  it('nothing is sent, and no password, where no encryption is offered', async () => {
    relay = await startRawRelay({ steps: { EHLO: '250-relay\r\n250 AUTH PLAIN' } });
    const read = setting('');
    pool = testPool([{ ...read, options: { ...read.options, auth: { user: 'owabi', pass: 'secret' } } }], 1);
    const submission = await pool.submit(messageTo('taro@example.jp'), allowed);
    expect(submission).toMatchObject({ kind: 'failed', failure: { stage: 'connect', reply: null } });
    expect(submission.kind === 'failed' && classifyFailure(submission.failure)).toBe('network');
    expect([pool.down, pool.refused]).toEqual([[`${HOST}:${relay.port} ETLS`], []]);
    expect(relay.commands.map((line) => line.split(' ')[0])).toEqual(['EHLO', 'STARTTLS']);
  });

  it('a message goes out in the clear only where the URL says so', async () => {
    relay = await startRawRelay();
    expect((await submit('?ignoreTLS=true')).kind).toBe('submitted');
    expect(relay.commands).not.toContain('STARTTLS');
  });

  it('a certificate that does not hold is taken only where the URL says so', async () => {
    relay = await startRawRelay({ tls: await makeCertificate(-1, HOST) });
    expect((await submit('?tls.rejectUnauthorized=false')).kind).toBe('submitted');
    expect(relay.commands).toContain('STARTTLS');
  });
});

describe('on this machine', () => {
  it('a message goes out to a relay without encryption', async () => {
    relay = await startRawRelay();
    pool = testPool([readRelay(relay.url)], 1);
    expect((await pool.submit(messageTo('taro@example.jp'), allowed)).kind).toBe('submitted');
  });

  it('a message goes out encrypted to a relay that has made its certificate itself', async () => {
    relay = await startRawRelay({ tls: await makeCertificate(-1, 'other.example.jp') });
    pool = testPool([readRelay(relay.url)], 1);
    expect((await pool.submit(messageTo('taro@example.jp'), allowed)).kind).toBe('submitted');
    expect(relay.commands).toContain('STARTTLS');
  });
});
