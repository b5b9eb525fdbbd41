import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../../src/delivery/email/compose-message.ts';
import { signMessage } from '../../../src/delivery/email/sign-message.ts';
import { loadSigningKeys } from '../../../src/vault/signing-keys.ts';
import { loadSmimeIdentity } from '../../../src/vault/smime-identity.ts';
import { type Authority, makeAuthority, makeSmimeFile, verifySmime } from '../../support/smime.ts';

const ADDRESS = 'notice@example.jp';
const email = { subject: '【重要】お知らせ', text: 'こんにちは。\n.\nFrom you\n', html: '<p>こんにちは</p>' };
let dir: string;
let authority: Authority;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-smime-'));
  authority = await makeAuthority();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const path = join(dir, 'identity.pem');
  await writeFile(path, text);
  return path;
}

async function identityOf(wishes: Parameters<typeof makeSmimeFile>[1] = {}) {
  const { key, certificates } = await makeSmimeFile(authority, wishes);
  return await loadSmimeIdentity(await fileOf(certificates + key), ADDRESS, new Date());
}

const composed = () =>
  compose({ from: `"窓口" <${ADDRESS}>`, feedbackId: '1:notice:example.jp' }, 'ja', {
    ...{ to: 'taro@example.jp', messageId: '<m@example.jp>', date: new Date(), email },
  });

describe('an S/MIME signature', () => {
  it.each(['rsa', 'ec'] as const)(
    'verifies with the chain that it brings, made with a key of kind %s',
    async (kind) => {
      const smime = await identityOf({ kind });
      const message = Buffer.concat(await signMessage([await composed()], { signers: [], smime }, new Date())).toString(
        'latin1',
      );
      expect(await verifySmime(message, authority)).toBe(true);
      expect(await verifySmime(message.replace(/(base64\r\n\r\n)./, '$1-'), authority)).toBe(false);
      expect(await verifySmime(message, await makeAuthority())).toBe(false);
    },
  );

  it('is one that OpenSSL verifies too, where it is at hand', async () => {
    const message = Buffer.concat(
      await signMessage([await composed()], { signers: [], smime: await identityOf() }, new Date()),
    );
    await writeFile(join(dir, 'message.eml'), message);
    await writeFile(join(dir, 'root.pem'), authority.root.toString('pem'));
    const options = ['-in', join(dir, 'message.eml'), '-CAfile', join(dir, 'root.pem'), '-purpose', 'smimesign'];
    const { error, status, stderr } = spawnSync('openssl', ['cms', '-verify', ...options], { encoding: 'utf8' });
    expect(await verifySmime(message.toString('latin1'), authority)).toBe(true);
    if (!error) expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  it('leaves the words and the header as they were, and ASCII in lines that nobody has to break', async () => {
    const plain = await composed();
    const message = Buffer.concat(await signMessage([plain], { signers: [], smime: await identityOf() }, new Date()));
    const [before, after] = await Promise.all([simpleParser(plain), simpleParser(message)]);
    expect(after).toMatchObject({ subject: before.subject, text: before.text, html: before.html });
    expect([...after.headers.keys()].sort()).toEqual([...before.headers.keys()].sort());
    expect(after.headers.get('content-type')).toMatchObject({
      value: 'multipart/signed',
      params: { micalg: 'sha-256', protocol: 'application/pkcs7-signature' },
    });
    expect(message.every((byte) => byte < 128)).toBe(true);
    const lines = message.toString('latin1').split('\r\n');
    expect(lines.join('')).not.toMatch(/[\r\n]/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it('is itself signed by DKIM', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const path = join(dir, 'dkim.pem');
    await writeFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const signers = await loadSigningKeys([{ selector: 's1', domain: 'example.jp', path }]);
    const message = Buffer.concat(
      await signMessage([await composed()], { signers, smime: await identityOf() }, new Date()),
    );
    const record = `v=DKIM1; k=ed25519; p=${createPublicKey(privateKey).export({ format: 'jwk' }).x}`;
    const { results } = await dkimVerify(message, {
      resolver: async () => [[record.replaceAll('-', '+').replaceAll('_', '/')]],
    });
    expect(results.map(({ status }) => status.result)).toEqual(['pass']);
    expect(await verifySmime(message.toString('latin1'), authority)).toBe(true);
  });
});

describe('a file of a certificate that cannot sign', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    ['is absent', async () => join(dir, 'absent.pem'), /cannot be read \(ENOENT\)/],
    ['has no key', async () => fileOf((await makeSmimeFile(authority)).certificates), /holds no private key/],
    [
      'has no certificate',
      async () => fileOf((await makeSmimeFile(authority)).key),
      /no certificate of its private key/,
    ],
    [
      'has the certificate of another',
      async () => fileOf((await makeSmimeFile(authority)).key + (await makeSmimeFile(authority)).certificates),
      /no certificate of its private key/,
    ],
    [
      'has a certificate in pieces',
      async () => fileOf((await makeSmimeFile(authority)).key + authority.root.toString('pem').replace('MII', 'AAA')),
      /certificate that cannot be read/,
    ],
    ['is of yesterday', () => whole({ until: -1 }), /has expired/],
    ['is of tomorrow', () => whole({ from: 1 }), /is not valid yet/],
    ['is that of a server', () => whole({ purpose: '1.3.6.1.5.5.7.3.1' }), /is not made for email/],
    ['is of somebody else', () => whole({ email: 'other@example.jp' }), /does not name the address of MAIL_FROM/],
    ['is of another kind', () => whole({ kind: 'ed25519' }), /neither RSA of 2048 bits or more, nor P-256 or P-384/],
  ])('stops the start when it %s, and is named', async (_case, makePath, words) => {
    const path = await makePath();
    const loading = loadSmimeIdentity(path, ADDRESS, new Date());
    await expect(loading).rejects.toThrow(words);
    await expect(loading).rejects.toThrow(path);
  });

  async function whole(wishes: Parameters<typeof makeSmimeFile>[1]): Promise<string> {
    const { key, certificates } = await makeSmimeFile(authority, wishes);
    return await fileOf(certificates + key);
  }
});
