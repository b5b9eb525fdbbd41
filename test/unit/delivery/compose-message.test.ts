import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { addressIn, bounceAddress, deliveryToken, messageId } from '../../../src/delivery/email/addresses.ts';
import { compose, makeComposer } from '../../../src/delivery/email/compose-message.ts';

const shared = { from: '"株式会社見本 お客様窓口" <notice@example.jp>', locale: 'ja' };
const subject = '【重要】不正アクセスによるお客様情報の流出に関するお詫びとお知らせ（株式会社サンプルショップ）';
const awkward = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('葛󠄀城', '👨‍👩‍👧', '\u202Eabc', '$& $1 $$', '\uFEFF髙﨑𠮷', '. ..\n.', '=?utf-8?B?', '--boundary'),
);

const read = async (bytes: Buffer) => {
  const mail = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  const headers = [...mail.headers.keys()].sort();
  const { to, from, subject, text, html, messageId, date } = mail;
  return { headers, to: to && 'text' in to ? to.text : to, from: from?.text, subject, text, html, messageId, date };
};

describe('a composed message', () => {
  it('says the same as one that the library composes in full, whatever the words and names', async () => {
    await fc.assert(
      fc.asyncProperty(awkward, awkward, fc.integer({ min: 1, max: 1e6 }), async (name, words, n) => {
        const email = { subject, text: `${name} 様\n${words}\n終わり`, html: `<p>${name}</p><p>${words}</p>` };
        const personal = {
          to: `p${n}@example.jp`,
          messageId: `<m${n}@example.jp>`,
          date: new Date(1.5e12 + n * 1000),
          email,
        };
        const [ours, theirs] = [await makeComposer(shared)(personal), await compose(shared, personal)];
        expect(await read(ours)).toEqual(await read(theirs));
      }),
      { numRuns: 150 },
    );
  });

  it('has no line over 998 characters, no bare line end, and ASCII only', async () => {
    const email = { subject, text: 'あ'.repeat(5000), html: `<p>${'い'.repeat(5000)}</p>` };
    const bytes = await makeComposer(shared)({
      to: 'a@example.jp',
      messageId: '<m@example.jp>',
      date: new Date(0),
      email,
    });
    const whole = bytes.toString('latin1');
    expect(whole.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...whole.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(bytes.every((byte) => byte < 128)).toBe(true);
  });

  it('writes the irregular addresses of Japanese carriers in quotes', async () => {
    const email = { subject, text: 'a', html: '<p>a</p>' };
    for (const to of ['taro..yamada@carrier.example', 'hanako.@carrier.example', '.jiro@carrier.example']) {
      const bytes = await makeComposer(shared)({ to, messageId: '<m@example.jp>', date: new Date(0), email });
      const [local, domain] = to.split('@');
      expect(bytes.toString()).toContain(`To: "${local}"@${domain}`.replace('To: ', ''));
    }
  });

  it('lets no name or address add a header', async () => {
    const email = { subject: 'a\r\nBcc: evil@example.com', text: 'a', html: '<p>a</p>' };
    const bytes = await makeComposer(shared)({
      to: 'a@example.jp\r\nBcc: evil@example.com',
      messageId: '<m@example.jp>',
      date: new Date(0),
      email,
    });
    const head = bytes.toString().split('\r\n\r\n')[0] ?? '';
    expect(head).not.toMatch(/^bcc:/im);
  });
});

describe('the addresses of a delivery', () => {
  it('are the same on every attempt and differ between deliveries', () => {
    const tokens = ['1', '2', '255', '256', '9007199254740993'].map((id) => deliveryToken(id, Buffer.alloc(10, 7)));
    expect(new Set(tokens).size).toBe(5);
    expect(tokens.every((token) => /^[a-z2-7]+$/.test(token))).toBe(true);
    expect(bounceAddress(tokens[0] ?? '', 'bounce.example.jp').length).toBeLessThanOrEqual(64 + 1 + 17);
    expect(messageId('abc', addressIn(shared.from))).toBe('<abc@example.jp>');
  });
});
