import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckName } from '../../src/delivery/preflight/checks.ts';
import { type ProbedRelay, probeRelay } from '../../src/delivery/preflight/probe-relay.ts';
import { judgeRelay } from '../../src/delivery/preflight/relay-verdicts.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type RelayScript, type ScriptedRelay, startScriptedRelay } from '../support/scripted-relay.ts';
import { startSink } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';

const SENDER = 'b+preflight@bounce.example.jp';
const auth = { user: 'owabi', pass: 'a secret of ours' };

let relay: ScriptedRelay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

/** The lines of a relay, as `check: result code`. */
async function linesOf(port: number, options: ProbedRelay['options'] = {}): Promise<string[]> {
  const probed = { name: 'relay', options: { host: '127.0.0.1', port, ...options } };
  const found = await probeRelay(probed, SENDER, { connectMs: 300, wholeMs: 600 });
  return judgeRelay({ ...found, held: false }, new Date()).map(
    ({ check, result, code }) => `${check}: ${result} ${code}`,
  );
}

async function scripted(script: RelayScript, options: ProbedRelay['options'] = {}): Promise<string[]> {
  relay = await startScriptedRelay(script);
  return linesOf(relay.port, options);
}

const notChecked = (...checks: CheckName[]) => checks.map((check) => `${check}: unknown not_checked`);

describe('a relay', () => {
  it('that takes our bounce address passes, is left with a QUIT, and gets no message', async () => {
    const sink = await startSink();
    expect(await linesOf(sink.port)).toEqual([
      'relay_reachable: passed answers',
      'relay_certificate: passed not_needed',
      'relay_accepts_sender: passed accepted',
      'relay_not_held: passed not_held',
    ]);
    expect(sink.received()).toEqual([]);
    await sink.close();
    await scripted({});
    await until('it was left', () => relay?.commands.includes('QUIT'));
    expect(relay?.commands.slice(1)).toEqual([`MAIL FROM:<${SENDER}>`, 'RSET', 'QUIT']);
  });

  it.each([
    ['for good', '550 5.7.1 not you', 'failed refused'],
    ['for now', '451 4.7.1 later', 'warned refused_for_now'],
  ])('that refuses our bounce address %s is told by the code alone', async (_when, reply, verdict) => {
    const sink = await startSink({ behaviour: ({ stage }) => (stage === 'mail' ? { reply } : 'accept') });
    expect(await linesOf(sink.port)).toContain(`relay_accepts_sender: ${verdict}`);
    const found = await probeRelay({ name: 'r', options: { host: '127.0.0.1', port: sink.port } }, SENDER);
    const said = JSON.stringify(judgeRelay({ ...found, held: false }, new Date()));
    expect(said).toContain(reply.slice(0, 9));
    expect(said).not.toMatch(/not you|later|preflight/);
    await sink.close();
  });

  it('that is down, silent, or refuses the connection is not reachable', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const rest = notChecked('relay_certificate', 'relay_accepts_sender');
    const unreachable = ['relay_reachable: failed unreachable', ...rest, 'relay_not_held: passed not_held'];
    expect(await linesOf(port)).toEqual(unreachable);
    expect(await scripted({ replies: { GREETING: null } })).toEqual(unreachable);
    await relay?.close();
    const refused = ['relay_reachable: failed refused', ...rest, 'relay_not_held: passed not_held'];
    expect(await scripted({ replies: { GREETING: '554 5.7.1 go away' } })).toEqual(refused);
  });

  it('that hangs up at once, or whose host has no address, is not reachable', async () => {
    const sink = await startSink({ behaviour: () => 'drop' });
    expect((await linesOf(sink.port))[0]).toBe('relay_reachable: failed unreachable');
    await sink.close();
    expect((await linesOf(25, { host: 'nowhere.invalid' }))[0]).toBe('relay_reachable: failed unreachable');
  });

  it.each([
    ['speaks garbage', 'HTTP/1.1 200 OK'],
    ['begins a greeting and never ends it', '220-a\r\n220-b'],
  ])('that %s is not reachable', async (_how, greeting) => {
    expect((await scripted({ replies: { GREETING: greeting } }))[0]).toMatch(/^relay_reachable: failed/);
  });

  it.each<[string, RelayScript]>([
    ['falls silent at MAIL FROM', { replies: { MAIL: null } }],
    ['answers MAIL FROM without end', { endlessly: 'MAIL' }],
  ])('that %s does not hold up the preflight', { timeout: 5_000 }, async (_how, script) => {
    expect(await scripted(script)).toContain('relay_accepts_sender: failed refused');
  });

  it('that is held fails', async () => {
    const findings = { relay: 'r', held: true, unreachable: null, tls: null, hasLogin: false, login: null } as const;
    const lines = judgeRelay({ ...findings, sender: 'accepted' }, new Date());
    expect(lines.find(({ check }) => check === 'relay_not_held')).toMatchObject({ result: 'failed', code: 'held' });
  });
});

describe('the login', () => {
  it('passes when it is accepted', async () => {
    expect(await scripted({}, { auth })).toContain('relay_login: passed accepted');
  });

  it('fails when it is refused, and nothing more is asked', async () => {
    const lines = await scripted({ replies: { AUTH: '535 5.7.8 wrong' } }, { auth });
    expect(lines).toContain('relay_login: failed refused');
    expect(lines).toContain('relay_accepts_sender: unknown not_checked');
    expect(relay?.commands.some((command) => command.startsWith('MAIL'))).toBe(false);
  });
});

describe('the certificate', () => {
  const withTls = async (days: number, options: ProbedRelay['options'] = {}, host?: string) => {
    const tls = await makeCertificate(days, host);
    return await scripted({ tls }, { requireTLS: true, auth, ...options, tls: { ca: tls.cert, ...options.tls } });
  };
  const neverToldPassword = () => expect(relay?.commands.some((command) => command.startsWith('AUTH'))).toBe(false);

  it('passes when it holds, and warns in the last 14 days', async () => {
    expect(await withTls(60)).toContain('relay_certificate: passed valid');
    await relay?.close();
    expect(await withTls(13)).toContain('relay_certificate: warned expires_soon');
    expect(relay?.commands.some((command) => command.startsWith('AUTH'))).toBe(true);
  });

  it('fails when it has expired, and the password is not told', async () => {
    const lines = await withTls(-1);
    expect(lines).toContain('relay_reachable: passed answers');
    expect(lines).toContain('relay_certificate: failed expired');
    expect(lines).toEqual(expect.arrayContaining(notChecked('relay_login', 'relay_accepts_sender')));
    neverToldPassword();
  });

  it('fails when it is for another host, or from nobody who is trusted', async () => {
    expect(await withTls(60, {}, 'mail.example.com')).toContain('relay_certificate: failed wrong_name');
    await relay?.close();
    expect(await withTls(60, { tls: { ca: [] } })).toContain('relay_certificate: failed untrusted');
    neverToldPassword();
  });

  it('is judged so too where the relay speaks TLS from the first byte', async () => {
    const tls = { ...(await makeCertificate(-1)), implicit: true };
    const lines = await scripted({ tls }, { secure: true, auth, tls: { ca: tls.cert } });
    expect(lines).toContain('relay_certificate: failed expired');
    neverToldPassword();
    await relay?.close();
    expect((await scripted({}, { secure: true }))[0]).toBe('relay_reachable: failed unreachable');
  });

  it('only warns when the URL says that it need not hold', async () => {
    const lines = await withTls(-1, { tls: { rejectUnauthorized: false } });
    expect(lines).toContain('relay_certificate: warned expired');
    expect(lines).toContain('relay_accepts_sender: passed accepted');
  });

  it('fails where encryption is demanded and not offered, or does not come about', async () => {
    expect(await scripted({}, { requireTLS: true, auth })).toContain('relay_certificate: failed no_tls');
    neverToldPassword();
    await relay?.close();
    const tls = await makeCertificate(60);
    const lines = await scripted({ tls, replies: { STARTTLS: '454 4.7.0 not now' } }, { requireTLS: true, auth });
    expect(lines).toContain('relay_certificate: failed tls_failed');
    neverToldPassword();
  });
});
