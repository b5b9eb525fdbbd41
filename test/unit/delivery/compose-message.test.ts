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
  fc.constantFrom(
    '葛󠄀城',
    '👨‍👩‍👧',
    '\u202Eabc',
    '$& $1 $$',
    '\uFEFF髙﨑𠮷',
    '. ..\n.',
    '=?utf-8?B?',
    '--boundary',
    'a'.repeat(300),
  ),
);

/** What a reader of mail makes of it, and its header but for the boundary, which is drawn by lot. */
const read = async (bytes: Buffer) => {
  const mail = await simpleParser(bytes, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  const header = mail.headerLines.filter(({ key }) => key !== 'content-type').map(({ line }) => line);
  const { type, params = {} } = (mail.headers.get('content-type') ?? {}) as { type?: string; params?: object };
  const { to, from, replyTo, subject, text, html, messageId, date } = mail;
  const addresses = { to: to && 'text' in to ? to.text : to, from: from?.text, replyTo: replyTo?.text };
  return { header, type, params: Object.keys(params), addresses, subject, text, html, messageId, date };
};

/** A prepared message whose three parts have two slots between the given texts. */
function preparedOf(subject: Segments, statics: [string, string, string]): PreparedEmail {
  const part = { statics, slots: ['addressee', 'reference'] as SlotName[] };
  return { locale: 'ja', subject, text: part, html: part, sha256: '' };
}
const plainSubject: Segments = { statics: [subject], slots: [] };
const FIELDS = [
  ...[
    'auto-submitted',
    'content-language',
    'content-type',
    'date',
    'feedback-id',
    'from',
    'message-id',
    'mime-version',
  ],
  ...['reply-to', 'subject', 'to', 'x-auto-response-suppress'],
];
const fixed = { messageId: '<m@example.jp>', date: new Date(1.5e12) };

describe('a composed message', () => {
  it('says the same as one that the library composes in full, whatever the words and names', async () => {
    const texts = fc.tuple(awkward, awkward, awkward);
    await fc.assert(
      fc.asyncProperty(texts, fc.tuple(awkward, awkward), awkward, async (words, names, organisation) => {
        // A part that is empty, or only line ends, is left out by the library; notices have none.
        const statics: [string, string, string] = [`始め${words[0]}`, words[1], `${words[2]}終わり`];
        const prepared = preparedOf({ statics: ['【重要】', '様'], slots: ['addressee'] }, statics);
        const values = { subject: [names[0]], text: names, html: names };
        const body = splice(prepared.text, names);
        const email = { subject: splice(prepared.subject, values.subject), text: body, html: body };
        const named = { ...sender, from: `"${organisation.replaceAll(/["\\]/g, '')}" <notice@example.jp>` };
        const to = 'person@example.jp';
        const ours = Buffer.concat(await makeComposer({ ...named, prepared })({ ...fixed, to, values }));
        const theirs = await compose(named, 'ja', { ...fixed, to, email });
        expect(await read(ours)).toEqual(await read(theirs));
      }),
      { numRuns: 300 },
    );
  });

  it('goes from one sender to one recipient, says what it is, and asks for no answer by a machine', async () => {
    const prepared = preparedOf(plainSubject, ['a', 'b', 'c']);
    const values = { subject: [], text: ['', ''], html: ['', ''] };
    const bytes = Buffer.concat(await makeComposer({ ...sender, prepared })({ ...fixed, to: 'a@example.jp', values }));
    const { headers } = await simpleParser(bytes);
    // No List-Unsubscribe, because who stops a notice is not told of a breach; no Precedence; nothing that tracks.
    expect([...headers.keys()].sort()).toEqual(FIELDS);
    expect(headers.get('reply-to')).toMatchObject({ value: [{ address: 'notice@example.jp' }] });
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect(headers.get('x-auto-response-suppress')).toBe('OOF, AutoReply');
    expect(headers.get('feedback-id')).toBe('1:notice:example.jp');
    expect(headers.get('content-language')).toBe('ja');
    expect(headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' });
    expect(bytes.toString().match(/^Content-Type: text\/\w+; charset=utf-8/gm)).toEqual([
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html; charset=utf-8',
    ]);
  });

  it('has no line over 78 characters in its parts, no bare line end, and ASCII only', async () => {
    const prepared = preparedOf(plainSubject, ['あ'.repeat(5000), 'い', 'う'.repeat(5001)]);
    const values = { subject: [], text: ['a', '髙'], html: ['ab', '𠮷'] };
    const bytes = Buffer.concat(await makeComposer({ ...sender, prepared })({ ...fixed, to: 'a@example.jp', values }));
    const whole = bytes.toString('latin1');
    expect(whole.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...whole.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(bytes.every((byte) => byte < 128)).toBe(true);
  });

  it('writes the irregular addresses of Japanese carriers in quotes', async () => {
    const prepared = preparedOf(plainSubject, ['a', 'b', 'c']);
    const values = { subject: [], text: ['', ''], html: ['', ''] };
    for (const to of ['taro..yamada@carrier.example', 'hanako.@carrier.example', '.jiro@carrier.example']) {
      const bytes = Buffer.concat(await makeComposer({ ...sender, prepared })({ ...fixed, to, values }));
      const [local, domain] = to.split('@');
      expect(bytes.toString()).toMatch(new RegExp(`^To: <?"${local?.replaceAll('.', '\\.')}"@${domain}>?\r$`, 'm'));
    }
  });

  it('lets no name, subject or address add a field to the header', async () => {
    const evil = fc.constantFrom(
      '\r\nBcc: evil@example.com',
      '\nBcc: e@e',
      '\rBcc: e@e',
      '\r\n\r\n<b>',
      '\0',
      '\u2028Bcc: e',
    );
    const text = fc.array(fc.oneof(awkward, evil), { maxLength: 4 }).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(text, text, text, text, async (name, subject, local, domain) => {
        const prepared = preparedOf({ statics: ['x', ''], slots: ['addressee'] }, ['a', 'b', 'c']);
        const values = { subject: [subject], text: ['', ''], html: ['', ''] };
        const from = `"${name}" <notice@example.jp>`;
        const personal = { ...fixed, to: `${local}@${domain}`, values };
        const bytes = Buffer.concat(await makeComposer({ ...sender, from, prepared })(personal));
        const header = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
        expect(header).not.toMatch(/\0|\r(?!\n)|(?<!\r)\n/);
        const fields = header.split(/\r\n(?![ \t])/).map((line) => line.split(':')[0]?.toLowerCase());
        // An address of which nothing is left has no field; its delivery is refused before.
        expect([...new Set([...fields, 'to'])].sort()).toEqual(FIELDS);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a subject', () => {
  const subjects = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2000 }),
    fc.array(awkward, { minLength: 1, maxLength: 8 }).map((all) => `始${all.join('')}`),
    fc.constantFrom(
      '葛󠄀👨‍👩‍👧𠮷'.repeat(250),
      'あ'.repeat(2000),
      'a'.repeat(2000),
      'word '.repeat(400),
      `${'x'.repeat(66)} `.repeat(9),
    ),
  );

  it('arrives as it was, in words of at most 75 characters of which each can be read alone', async () => {
    await fc.assert(
      fc.asyncProperty(subjects, async (text) => {
        const subject = text.trim() || '件名';
        const email = { subject, text: 'a', html: '<p>a</p>' };
        const bytes = await compose(sender, 'ja', { ...fixed, to: 'a@example.jp', email });
        const header = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
        for (const line of header.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
        const field = /^Subject: ((?:.*\r\n[ \t])*.*)$/m.exec(header)?.[1] ?? '';
        const words = field.split(/\r\n[ \t]/);
        const isEncoded = field.includes('=?');
        if (isEncoded) for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
        const read = isEncoded ? words.map(decodeWord).join('') : words.join(' ');
        expect(read).toBe(Buffer.from(subject.replaceAll(/\p{Cc}/gu, ' ')).toString());
      }),
      { numRuns: 300 },
    );
  });
});

/** RFC 2047, to the letter: fails where a character is split. */
function decodeWord(word: string): string {
  const base64 = /^=\?UTF-8\?B\?([A-Za-z0-9+/]+=*)\?=$/.exec(word)?.[1];
  if (base64 === undefined) throw new Error('not an encoded word');
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
}

describe('the addresses of a delivery', () => {
  it('are the same on every attempt and differ between deliveries', () => {
    const tokens = ['1', '2', '255', '256', '9007199254740993'].map((id) => deliveryToken(id, Buffer.alloc(10, 7)));
    expect(new Set(tokens).size).toBe(5);
    expect(tokens.every((token) => /^[a-z2-7]+$/.test(token))).toBe(true);
    expect(bounceAddress(tokens[0] ?? '', 'bounce.example.jp').length).toBeLessThanOrEqual(64 + 1 + 17);
    expect(messageId('abc', addressIn(from))).toBe('<abc@example.jp>');
  });
});
