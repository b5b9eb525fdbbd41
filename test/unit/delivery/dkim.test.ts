import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeComposer } from '../../../src/delivery/email/compose-message.ts';
import { dkimSignatures } from '../../../src/delivery/email/dkim.ts';
import type { PreparedEmail, SlotName } from '../../../src/rendering/types.ts';
import { loadSigningKeys, type SigningKey } from '../../../src/vault/signing-keys.ts';

const from = '"株式会社見本 お客様窓口" <notice@example.jp>';
const part = { statics: ['始め', 'と', '終わり。'.repeat(2000)], slots: ['addressee', 'reference'] as SlotName[] };
const prepared: PreparedEmail = {
  ...{ locale: 'ja', text: part, html: part, sha256: '' },
  subject: { statics: [`【重要】${'お詫びとお知らせ'.repeat(20)}`], slots: [] },
};
const compose = makeComposer({ from, feedbackId: '1:notice:example.jp', prepared });
const date = new Date('2017-07-25T01:00:00Z');
const awkward = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('葛󠄀城', '👨‍👩‍👧', '‮abc', '$& $1 $$', '\uFEFF髙﨑𠮷', '. ..\n.', '\0', 'a\t  b  ', '=?utf-8?B?'),
);

let dir: string;
let signers: SigningKey[];

async function keyFile(name: string, pem: string): Promise<string> {
  await writeFile(join(dir, name), pem);
  return join(dir, name);
}
const pemOf = (key: { export(options: object): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }) as string;
const rsa = (modulusLength: number): string => pemOf(generateKeyPairSync('rsa', { modulusLength }).privateKey);
const ed25519 = (): string => pemOf(generateKeyPairSync('ed25519').privateKey);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-keys-'));
  signers = await loadSigningKeys([
    { selector: 'r1', domain: 'example.jp', path: await keyFile('r1.pem', rsa(2048)) },
    { selector: 'e1', domain: 'example.jp', path: await keyFile('e1.pem', ed25519()) },
    // A key that takes over: both sign until the old one is taken out.
    { selector: 'r2', domain: 'example.jp', path: await keyFile('r2.pem', rsa(2048)) },
  ]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What a receiver finds: the result of each signature, with the keys where DNS would have them. */
async function verdicts(message: Buffer): Promise<string[]> {
  const { results } = await dkimVerify(message, {
    resolver: async (name: string) => {
      const key = signers.find(({ selector, domain }) => name === `${selector}._domainkey.${domain}`);
      if (!key) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
      return [[`v=DKIM1; k=${key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'}; p=${key.publicKey}`]];
    },
  });
  return results.map((result) => `${result.selector} ${result.status.result}`).sort();
}

async function signed(names: [string, string], to = 'person@example.jp'): Promise<Buffer> {
  const message = await compose({
    to,
    date,
    messageId: '<m@example.jp>',
    values: { subject: [], text: names, html: names },
  });
  return Buffer.concat([await dkimSignatures(message, signers, date), ...message]);
}

describe('DKIM signatures', () => {
  it('verify at the receiver, all of them, whatever the names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(awkward, awkward), async (names) => {
        expect(await verdicts(await signed(names))).toEqual(['e1 pass', 'r1 pass', 'r2 pass']);
      }),
      { numRuns: 200 },
    );
  });

  it('verify for an address that the library composes in full', async () => {
    expect(await verdicts(await signed(['a', 'b'], 'taro..yamada@docomo.example'))).toEqual([
      ...['e1 pass', 'r1 pass', 'r2 pass'],
    ]);
  });

  it.each([
    ['the body', (text: string) => text.replace(/(base64\r\n\r\n)[A-Za-z0-9+/]/, '$1-')],
    ['the subject', (text: string) => text.replace(/Subject: /, 'Subject: x')],
    ['the recipient', (text: string) => text.replace('person@', 'other@')],
    ['a second From', (text: string) => text.replace(/(\r\nFrom:)/, '\r\nFrom: x@example.com$1')],
    ['a line at the end', (text: string) => `${text}more\r\n`],
  ])('fail when somebody changes %s', async (_what, change) => {
    const message = (await signed(['a', 'b'])).toString('latin1');
    const changed = change(message);
    expect(changed).not.toBe(message);
    expect((await verdicts(Buffer.from(changed, 'latin1'))).join()).not.toMatch(/pass/);
  });

  it('have no line over 78 characters and no tag l=', async () => {
    const header = (await signed(['a', 'b'])).toString('latin1').split('\r\nContent-Type')[0] ?? '';
    const fields = header.split(/\r\n(?![ \t])/).filter((field) => field.startsWith('DKIM-Signature'));
    expect(fields).toHaveLength(3);
    for (const line of fields
      .join('\r\n')
      .split('\r\n')
      .filter((one) => !one.includes('h='))) {
      expect(line.length).toBeLessThanOrEqual(78);
    }
    expect(fields.join()).not.toMatch(/\bl=/);
  });
});

describe('a key file that cannot sign', () => {
  it.each([
    ['is absent', async () => join(dir, 'absent.pem'), /cannot be read \(ENOENT\)/],
    ['is not a key', () => keyFile('text.pem', 'no key'), /holds no private key/],
    ['is too short', () => keyFile('short.pem', rsa(1024)), /1024 bits/],
    [
      'is of another kind',
      () => keyFile('ec.pem', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)),
      /another kind/,
    ],
  ])('stops the start when it %s, and is named', async (_case, makePath, words) => {
    const path = await makePath();
    const loading = loadSigningKeys([{ selector: 's', domain: 'example.jp', path }]);
    await expect(loading).rejects.toThrow(words);
    await expect(loading).rejects.toThrow(path);
  });
});
