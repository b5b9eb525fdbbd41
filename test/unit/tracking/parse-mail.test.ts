import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { decodeField } from '../../../src/tracking/reading/mime/encodings.ts';
import { htmlToText } from '../../../src/tracking/reading/mime/html-text.ts';
import { parseReportMail } from '../../../src/tracking/reading/parse-mail.ts';

const crlf = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'utf8');
/** ISO-2022-JP by hand: each sign of JIS X 0208 is its two bytes of EUC-JP without their eighth bits. */
const jis = (text: string): Buffer => {
  const eightBit = iconv.encode(text, 'euc-jp');
  return Buffer.concat([
    Buffer.from('\x1b$B'),
    Buffer.from(eightBit.map((byte) => byte & 0x7f)),
    Buffer.from('\x1b(B'),
  ]);
};
const withBody = (contentType: string, body: Buffer, coding = '8bit'): Buffer =>
  Buffer.concat([crlf(`Content-Type: ${contentType}`, `Content-Transfer-Encoding: ${coding}`, '', ''), body]);

describe('the words of a mail', () => {
  const said = '宛先のメールアドレスが見つかりません';

  it.each([
    ['ISO-2022-JP, as it says', withBody('text/plain; charset=ISO-2022-JP', jis(said), '7bit')],
    ['ISO-2022-JP that calls itself ASCII', withBody('text/plain; charset=us-ascii', jis(said), '7bit')],
    ['ISO-2022-JP that says nothing', Buffer.concat([crlf('Subject: x', '', ''), jis(said)])],
    ['Shift_JIS', withBody('text/plain; charset=Shift_JIS', iconv.encode(said, 'shift_jis'))],
    ['Shift_JIS that calls itself UTF-8', withBody('text/plain; charset=utf-8', iconv.encode(said, 'shift_jis'))],
    ['EUC-JP that says nothing', withBody('text/plain', iconv.encode(said, 'euc-jp'))],
    ['UTF-8 that calls itself ISO-8859-1', withBody('text/plain; charset="iso-8859-1"', Buffer.from(said))],
    ['base64', withBody('text/plain; charset=utf-8', Buffer.from(Buffer.from(said).toString('base64')), 'base64')],
    [
      'text that only says that it is base64',
      withBody('text/plain; charset=utf-8', Buffer.from(`${said} a b c d`), 'base64'),
    ],
    ['HTML alone', withBody('text/html; charset=utf-8', Buffer.from(`<style>p{}</style><p>${said}</p>`))],
  ])('are read from %s', (_name, mail) => {
    expect(parseReportMail(mail).words).toContain(said);
  });

  it('are read from quoted-printable with soft line breaks', () => {
    const mail = crlf('Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: quoted-printable', '');
    const body = Buffer.from('\r\n=E5=AE=9B=E5=85=88 is=\r\n unknown=3D=zz');
    expect(parseReportMail(Buffer.concat([mail, body])).words).toContain('宛先 is unknown==zz');
  });

  it('end where the original begins, attached, announced, or not', () => {
    const header = ['Received: from a by b', 'Message-ID: <1@example.jp>', 'To: taro@example.jp', 'Subject: x'];
    for (const before of [
      [],
      ['--- Below this line is a copy of the message.', ''],
      ['Original message follows.', ''],
    ]) {
      const mail = parseReportMail(crlf('Subject: failure', '', 'It failed.', '', ...before, ...header, '', 'secret'));
      expect(mail.words.trim()).toBe('It failed.');
      expect(mail.original?.fields.get('to')).toBe('taro@example.jp');
    }
  });

  it('keep a summary of the message that is no header', () => {
    const mail = parseReportMail(
      crlf('X-Any: field', '', 'To: taro@example.jp', 'Subject: x', 'Sent: today', '', 'did not reach'),
    );
    expect(mail.words).toContain('To: taro@example.jp');
    expect(mail.original).toBeNull();
  });
});

describe('broken mails', () => {
  const parts = [
    '--bound',
    'Content-Type: text/plain',
    '',
    'one',
    '--bound',
    'Content-Type: text/html',
    '',
    '<p>two</p>',
  ];

  it.each([
    ['a boundary that is never closed', ['Content-Type: multipart/mixed; boundary=bound', '', ...parts]],
    ['a boundary that is not named', ['Content-Type: multipart/mixed', '', ...parts, '--bound--']],
    [
      'a boundary that is named wrongly',
      ['Content-Type: multipart/mixed; boundary="other"', '', ...parts, '--bound--'],
    ],
    ['no empty line behind the header', ['Content-Type: multipart/mixed; boundary=bound', ...parts]],
  ])('with %s show their parts', (_name, lines) => {
    expect(parseReportMail(crlf(...lines)).parts.map(({ type, text }) => [type, text.trim()])).toEqual([
      ['text/plain', 'one'],
      ['text/html', '<p>two</p>'],
    ]);
  });

  it('with a part that has no header keep its first lines', () => {
    const mail = crlf(
      'Content-Type: multipart/mixed; boundary=bound',
      '',
      '--bound',
      '',
      'Reason: it failed',
      '--bound--',
    );
    expect(parseReportMail(mail).words).toContain('Reason: it failed');
  });

  it.each([Buffer.alloc(0), Buffer.from('\r\n\r\n'), Buffer.from([0xff, 0xfe, 0, 1, 0x80]), Buffer.from('PK\x03\x04')])(
    'that are none are no error',
    (bytes) => {
      expect(parseReportMail(bytes)).toMatchObject({ original: null });
    },
  );
});

describe('header fields', () => {
  it.each([
    ['=?UTF-8?B?5a6b5YWI?=', '宛先'],
    ['=?utf-8?q?=E5=AE=9B?= =?utf-8?q?=E5=85=88?=', '宛先'],
    // Cut in the middle of a character, as old mailers do.
    ['=?UTF-8?B?5a6b5Q==?= =?UTF-8?B?hYg=?=', '宛先'],
    ['=?ISO-2022-JP?B?GyRCMDhAaBsoQg==?= abc', '宛先 abc'],
    ['=?unknown-charset?q?abc?=', 'abc'],
    ['=?utf-8*ja?Q?a_b?=', 'a b'],
    ['plain', 'plain'],
  ])('%s is read as it is meant', (raw, text) => {
    expect(decodeField(raw)).toBe(text);
  });

  it('are found in any case, unfolded, and all of a name', () => {
    const { fields } = parseReportMail(crlf('X-A: one', 'SUBJECT: first', '  second', 'x-a: two', '', 'body'));
    expect(fields.get('subject')).toBe('first second');
    expect(fields.all('X-A')).toEqual(['one', 'two']);
    expect(fields.get('none')).toBeNull();
  });
});

describe('HTML', () => {
  it('reads as lines, with what it stands for and without what nobody sees', () => {
    const page =
      '<html><head><title>x</title></head><body><script>if (a<b) {}</script>' +
      '<p>a&nbsp;&amp; b</p><!-- c --><table><tr><td>1</td><td>2</td></tr></table>&#23451;<br><taro@example.jp></body>';
    expect(htmlToText(page).split('\n').filter(Boolean)).toEqual(['a & b', '1 2 ', '宛', '<taro@example.jp>']);
  });

  it('takes no longer for tags that never close', () => {
    const nasty = ['<'.repeat(500_000), '<style>'.repeat(70_000), '<!--'.repeat(100_000), '&'.repeat(500_000)];
    const began = process.cpuUsage();
    for (const page of nasty) htmlToText(page);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(1_500);
  });
});
