import { deflateRawSync } from 'node:zlib';
import { drawing, nested } from './mangle.ts';

const HEAD =
  'Return-Path: <>\r\nFrom: MAILER-DAEMON@example.com\r\nTo: b@bounce.example.jp\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n';

/** Strings that make a careless pattern try everything over and over; repeated until they fill what is to be filled. */
export const fillers: readonly string[] = [
  ...[
    'a',
    ' ',
    '\t',
    ' \t',
    '.',
    '-',
    '@',
    '<',
    '>',
    '(',
    ')',
    '"',
    '\\',
    '=',
    '&',
    '\x00',
    '\x1b',
    '\xff',
    '\xe3\x81\x82',
  ],
  ...[
    '<>',
    '()',
    '\\"',
    '=?',
    '?=',
    '=?utf-8?b?',
    '=?utf-8?q?a?= ',
    '=?iso-2022-jp?B?GyRC',
    '=E3=81=82',
    '=\r\n',
    '=0D=0A',
  ],
  ...[
    '\r\n',
    '\n',
    '\r',
    '\r\n ',
    '\r\n\r\n',
    ' \r\n',
    '> ',
    '>>> ',
    '<<< ',
    '> > \r\n',
    '--',
    '-----',
    '*****',
    '====',
    '____',
  ],
  ...[
    'a@',
    '@a',
    'a@a ',
    'a@a.a@',
    'a.a.',
    '<a@b.example>',
    '<a@b.example>:\r\n',
    'a@b.example, ',
    '<<a@b>>',
    '"a" <a@b.example>,',
  ],
  ...[
    '5.1.1 ',
    '550 ',
    '550-',
    '#5.1.1',
    '(#5.1.1)',
    '4.4.7',
    '5.',
    '5.1.1.1.1',
    '[192.0.2.1]',
    'host ',
    'said: ',
    ' said: 550 ',
  ],
  ...[
    '&lt;',
    '&#',
    '&#x41',
    '<div>',
    '</div>',
    '<div ',
    '<!--',
    '-->',
    '<style>',
    '<br>',
    '<a href="',
    '<p>a</p>',
    '<![CDATA[',
  ],
  ...['\x1b$B', '\x1b(B', '\x1b$B$"', '\x1b(I', '\x82', '\x8e', '\x8f', '\xa4'],
  ...[
    'Received: from a by b\r\n',
    'To: a@b.example\r\n',
    'Status: 5.1.1\r\n',
    'Final-Recipient: rfc822; a@b.example\r\n',
    'Action: failed\r\n\r\n',
  ],
  ...[
    '--- Below this line is a copy of the message.\r\n',
    '----- Original Message -----\r\n',
    'Content-Type: message/rfc822\r\n\r\n',
  ],
  ...[
    'This message was created automatically by mail delivery software.\r\n',
    '   ----- Transcript of session follows -----\r\n',
  ],
  ...[
    'The following address(es) failed:\r\n\r\n  a@b.example\r\n',
    'Reason: ',
    'Recipient: ',
    'Remote host said: ',
    'in reply to RCPT TO ',
  ],
];

export const filled = (filler: string, bytes: number): string =>
  filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes);

const make = (text: string) => Buffer.from(text, 'latin1');

/** Where in a mail a filler can stand. */
export const places: Readonly<Record<string, (fill: string) => Buffer>> = {
  'the words': (fill) => make(`${HEAD}\r\nYour message could not be delivered.\r\n\r\n${fill}\r\n`),
  'words in Japanese': (fill) =>
    make(`${HEAD}Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$BG[?.\x1b(B ${fill}\r\n`),
  'HTML words': (fill) =>
    make(`${HEAD}Content-Type: text/html; charset=shift_jis\r\n\r\n<p>delivery failed</p>${fill}`),
  'quoted-printable': (fill) =>
    make(
      `${HEAD}Content-Type: text/plain; charset=euc-jp\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${fill}`,
    ),
  'a field': (fill) => make(`${HEAD}X-Reason: ${fill}\r\nSubject: ${fill}\r\n\r\nfailed\r\n`),
  'the addresses': (fill) => make(`From: ${fill}\r\nTo: ${fill}\r\nX-Failed-Recipients: ${fill}\r\n\r\nfailed\r\n`),
  'the type': (fill) =>
    make(`${HEAD}Content-Type: multipart/report; ${fill}; boundary=${fill}\r\n\r\n--${fill}\r\n\r\nfailed\r\n`),
  'the status part': (fill) =>
    make(`${HEAD}${report(`Final-Recipient: rfc822; a@b.example\r\nDiagnostic-Code: smtp; ${fill}`)}`),
  'the status part itself': (fill) => make(`${HEAD}${report(fill)}`),
  'the original': (fill) =>
    make(
      `${HEAD}\r\nHi. This is the qmail-send program at a.\r\n\r\n<a@b.example>:\r\nfailed\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nTo: ${fill}\r\n`,
    ),
};

const report = (status: string) =>
  `Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n\r\n${status}\r\n--b--\r\n`;

const many = (count: number, one: (at: number) => string) =>
  Array.from({ length: count }, (_none, at) => one(at)).join('');
const mixed = (inner: string, boundary = 'b') =>
  `${HEAD}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${inner}`;
const noise = (bytes: number) => {
  const draw = drawing(bytes);
  return Buffer.from(Uint8Array.from({ length: bytes }, () => draw(256)));
};
const MB = 1024 * 1024;

const zip = (): Buffer => {
  const data = deflateRawSync(Buffer.alloc(MB));
  const head = Buffer.from('504b0304140000000800000000000000000000000000000000000500000061', 'hex');
  return Buffer.concat([head, Buffer.from('.eml'), data]);
};

const bounceText = '<hanako@b.example>: mailbox full (#5.2.2)\r\n';

/** Mails that nobody sends in good faith, each made when it is asked for. */
export const nasties: Readonly<Record<string, () => Buffer>> = {
  'nothing at all': () => make(''),
  'one line end': () => make('\r\n'),
  'a header alone': () => make(HEAD),
  'a colon alone': () => make(':'),
  'a boundary and no parts': () => make(mixed('')),
  'an empty boundary': () => make(mixed('--\r\n\r\na\r\n----\r\n', '')),
  'a boundary that is a pattern': () => make(mixed(`--(.*)+$[\r\n\r\n${bounceText}--(.*)+$[--`, '(.*)+$[')),
  'a boundary within a boundary': () => make(mixed(many(2000, () => '--bb\r\n--b\r\n\r\na\r\n'))),
  'a boundary that never closes': () => make(mixed(`--b\r\n\r\n${filled(bounceText, MB)}`)),
  'multiparts that never close, a thousand deep': () =>
    make(HEAD + many(1000, (at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`) + bounceText),
  'multiparts of one boundary, a thousand deep': () =>
    make(HEAD + many(1000, () => 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n') + bounceText),
  'messages in messages, five hundred deep': () => nested(make(`${HEAD}\r\n${bounceText}`), 500, 'message'),
  'multiparts in multiparts, five hundred deep': () => nested(make(`${HEAD}\r\n${bounceText}`), 500, 'multipart'),
  'ten thousand parts': () =>
    make(`${mixed(many(10_000, () => '--b\r\nContent-Type: text/plain\r\n\r\na\r\n'))}--b--\r\n`),
  'ten thousand attached messages': () =>
    make(mixed(many(10_000, () => `--b\r\nContent-Type: message/rfc822\r\n\r\n${HEAD}\r\na\r\n`))),
  'ten thousand status parts': () =>
    make(
      mixed(
        many(
          10_000,
          (at) =>
            `--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a${at}@b.example\r\n\r\n`,
        ),
      ),
    ),
  'fifty thousand recipients': () =>
    make(
      HEAD +
        report(
          many(50_000, (at) => `Final-Recipient: rfc822; a${at}@b.example\r\nAction: failed\r\nStatus: 4.2.2\r\n\r\n`),
        ),
    ),
  'fifty thousand recipients in words': () =>
    make(
      `${HEAD}\r\nHi. This is the qmail-send program at a.\r\n\r\n${many(50_000, (at) => `<a${at}@b.example>:\r\nmailbox full\r\n\r\n`)}`,
    ),
  'a hundred thousand fields': () => make(`${many(100_000, (at) => `X-${at}: a\r\n`)}\r\n${bounceText}`),
  'a hundred thousand fields of one name': () => make(`${many(100_000, () => 'Subject: a\r\n')}\r\n${bounceText}`),
  'a field folded fifty thousand times': () => make(`X: a${many(50_000, () => '\r\n a b c d')}\r\n\r\n${bounceText}`),
  'a field name of a megabyte': () => make(`${filled('X', MB)}: a\r\n\r\n${bounceText}`),
  'millions of empty lines': () => make(`${HEAD}\r\n${filled('\r\n', 4 * MB)}${bounceText}`),
  'millions of empty lines before the header': () => make(filled('\n', 2 * MB) + HEAD + bounceText),
  'a megabyte of chance': () => noise(MB),
  'a header over a megabyte of chance': () => Buffer.concat([make(`${HEAD}\r\n`), noise(MB)]),
  'base64 that is none': () => Buffer.concat([make(`${HEAD}Content-Transfer-Encoding: base64\r\n\r\n`), noise(MB)]),
  'base64 on one line of a megabyte': () =>
    make(`${HEAD}Content-Transfer-Encoding: base64\r\n\r\n${filled('PGFAYi5jPjog', MB)}`),
  'base64 within base64': () =>
    make(
      `${HEAD}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${make(`${HEAD}Content-Transfer-Encoding: base64\r\n\r\n${filled('YWFh', MB)}`).toString('base64')}`,
    ),
  'a zip for a mail': zip,
  'a zip as the status part': () =>
    Buffer.concat([make(`${HEAD}Content-Type: message/delivery-status\r\n\r\n`), zip()]),
  'a zip attached': () =>
    make(
      `${mixed(`--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${zip().toString('base64')}\r\n`)}--b--`,
    ),
  'UTF-16 with a mark': () => Buffer.from(`\ufeff${HEAD}\r\n${bounceText}`, 'utf16le'),
  'thirty megabytes of words': () => make(`${HEAD}\r\n${filled(bounceText, 30 * MB)}`),
  'thirty megabytes on one line': () => make(`${HEAD}\r\n${filled('a@b.example ', 30 * MB)}`),
  'thirty megabytes attached': () =>
    make(
      `${mixed(`--b\r\n\r\n${bounceText}--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${filled(`${'A'.repeat(76)}\r\n`, 30 * MB)}\r\n`)}--b--`,
    ),
  'thirty megabytes of original': () =>
    make(
      `${HEAD}${report('Final-Recipient: rfc822; a@b.example').slice(0, -7)}--b\r\nContent-Type: message/rfc822\r\n\r\nTo: a@b.example\r\n\r\n${filled(`${'word '.repeat(14)}\r\n`, 30 * MB)}\r\n--b--`,
    ),
  'thirty megabytes of header': () => make(`${HEAD}${filled('X-Spam: yes, it is\r\n', 30 * MB)}`),
};
