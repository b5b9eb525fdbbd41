import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { addressIn, bounceAddress, deliveryToken, messageId } from '../../../src/delivery/email/addresses.ts';
import { compose, makeComposer } from '../../../src/delivery/email/compose-message.ts';
import { splice } from '../../../src/rendering/slots.ts';
import type { PreparedEmail, Segments, SlotName } from '../../../src/rendering/types.ts';

const from = '"株式会社見本 お客様窓口" <notice@example.jp>';
const sender = { from, feedbackId: '1:notice:example.jp' };
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

/** A prepared message whose three parts have two slots between the given texts. */
function preparedOf(subject: Segments, statics: [string, string, string]): PreparedEmail {
  const part = { statics, slots: ['addressee', 'reference'] as SlotName[] };
  return { locale: 'ja', subject, text: part, html: part, sha256: '' };
}
const plainSubject: Segments = { statics: [subject], slots: [] };
const fixed = { messageId: '<m@example.jp>', date: new Date(1.5e12) };

describe('a composed message', () => {
  it('says the same as one that the library composes in full, whatever the words and names', async () => {
    const texts = fc.tuple(awkward, awkward, awkward);
    await fc.assert(
      fc.asyncProperty(texts, fc.tuple(awkward, awkward), async (words, names) => {
        // A part that is empty, or only line ends, is left out by the library; notices have none.
        const statics: [string, string, string] = [`始め${words[0]}`, words[1], `${words[2]}終わり`];
        const prepared = preparedOf(plainSubject, statics);
        const values = { subject: [], text: names, html: names };
        const body = splice(prepared.text, names);
        const to = 'person@example.jp';
        const ours = await makeComposer({ ...sender, prepared })({ ...fixed, to, values });
        const theirs = await compose(sender, 'ja', { ...fixed, to, email: { subject, text: body, html: body } });
        expect(await read(ours)).toEqual(await read(theirs));
      }),
      { numRuns: 300 },
    );
  });

  it('has no line over 78 characters in its parts, no bare line end, and ASCII only', async () => {
    const prepared = preparedOf(plainSubject, ['あ'.repeat(5000), 'い', 'う'.repeat(5001)]);
    const values = { subject: [], text: ['a', '髙'], html: ['ab', '𠮷'] };
    const bytes = await makeComposer({ ...sender, prepared })({ ...fixed, to: 'a@example.jp', values });
    const whole = bytes.toString('latin1');
    expect(whole.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...whole.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(bytes.every((byte) => byte < 128)).toBe(true);
  });

  it('writes the irregular addresses of Japanese carriers in quotes', async () => {
    const prepared = preparedOf(plainSubject, ['a', 'b', 'c']);
    const values = { subject: [], text: ['', ''], html: ['', ''] };
    for (const to of ['taro..yamada@carrier.example', 'hanako.@carrier.example', '.jiro@carrier.example']) {
      const bytes = await makeComposer({ ...sender, prepared })({ ...fixed, to, values });
      const [local, domain] = to.split('@');
      expect(bytes.toString()).toMatch(new RegExp(`^To: <?"${local?.replaceAll('.', '\\.')}"@${domain}>?\r$`, 'm'));
    }
  });

  it('lets no name or address add a header', async () => {
    const prepared = preparedOf({ statics: ['a', ''], slots: ['addressee'] }, ['a', 'b', 'c']);
    const values = { subject: ['x\r\nBcc: evil@example.com'], text: ['', ''], html: ['', ''] };
    const to = 'a@example.jp\r\nBcc: evil@example.com';
    const bytes = await makeComposer({ ...sender, prepared })({ ...fixed, to, values });
    expect(bytes.toString().split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
  });
});

describe('the addresses of a delivery', () => {
  it('are the same on every attempt and differ between deliveries', () => {
    const tokens = ['1', '2', '255', '256', '9007199254740993'].map((id) => deliveryToken(id, Buffer.alloc(10, 7)));
    expect(new Set(tokens).size).toBe(5);
    expect(tokens.every((token) => /^[a-z2-7]+$/.test(token))).toBe(true);
    expect(bounceAddress(tokens[0] ?? '', 'bounce.example.jp').length).toBeLessThanOrEqual(64 + 1 + 17);
    expect(messageId('abc', addressIn(from))).toBe('<abc@example.jp>');
  });
});
