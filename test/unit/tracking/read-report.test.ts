import { describe, expect, it } from 'vitest';
import { readReport } from '../../../src/tracking/reading/read-report.ts';

const TOKEN = 'aebagbafaydqqcikbmga';
const OTHER = 'mzxw6ytboiqhi2lpnyqa';
const VERP = `b+${TOKEN}@bounce.example.com`;

const mail = (...lines: (string | readonly string[])[]): Buffer => Buffer.from(lines.flat().join('\r\n'));
const part = (type: string, ...lines: string[]): string[] => ['--=_part', `Content-Type: ${type}`, '', ...lines, ''];
const original = (to: string, token = TOKEN): string[] => [
  ...[`Return-Path: <b+${token}@bounce.example.com>`, 'From: notice@example.com', `To: ${to}`],
  ...['Subject: =?utf-8?B?5a6b5YWI?=', `Message-ID: <${token}@example.com>`],
];
const dsn = (status: string[], extra: string[][] = [], header: string[] = []): string[] => [
  ...header,
  ...['From: MAILER-DAEMON@mx.example.jp', `To: ${VERP}`, 'Subject: Undelivered Mail Returned to Sender'],
  ...['MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary="=_part"', ''],
  ...part('text/plain', 'I could not deliver it.'),
  ...part('message/delivery-status', 'Reporting-MTA: dns; mx.example.jp', '', ...status),
  ...extra.flat(),
  '--=_part--',
];
const failed = (recipient: string, status = '5.1.1', code = 'smtp; 550 5.1.1 user unknown'): string[] => [
  ...[`Final-Recipient: rfc822; ${recipient}`, 'Action: failed', `Status: ${status}`, `Diagnostic-Code: ${code}`, ''],
];

describe('a report by the standard (RFC 3464)', () => {
  it('says for each of its recipients what became of them', () => {
    const status = [
      ...failed('taro@example.jp'),
      ...['Final-Recipient: rfc822; hanako@example.jp', 'Action: delayed', 'Status: 4.2.2', ''],
      ...['Original-Recipient: rfc822; jiro@example.jp', 'Final-Recipient: rfc822; jiro@mail.example.jp'],
      ...['Action: delivered', 'Status: 2.1.5', ''],
    ];
    expect(readReport(mail(dsn(status))).findings).toMatchObject([
      { kind: 'bounce', recipient: 'taro@example.jp', status: '5.1.1', class: 'invalid_mailbox' },
      { kind: 'delay', recipient: 'hanako@example.jp', status: '4.2.2', class: 'mailbox_full' },
      { kind: 'delivered', recipient: 'jiro@mail.example.jp', status: '2.1.5', class: null },
    ]);
  });

  it('shows by its marks which message it is about, whether the original is attached whole, as header, or not', () => {
    const status = ['Original-Envelope-Id: ENV1', '', ...failed('taro@example.jp')];
    for (const type of ['message/rfc822', 'text/rfc822-headers']) {
      const { marks } = readReport(mail(dsn(status, [part(type, ...original('taro@example.jp'))])));
      expect(marks).toMatchObject({ envelopeIds: ['ENV1'], messageIds: [`<${TOKEN}@example.com>`] });
    }
    expect(readReport(mail(dsn(status))).marks.bounceAddresses).toEqual([VERP]);
    const hinted = readReport(mail(dsn(status)), { envelope: [`b+${OTHER}@bounce.example.com`] });
    expect(hinted.marks.bounceAddresses[0]).toBe(`b+${OTHER}@bounce.example.com`);
  });

  it('takes the SMTP step from the words, where the fields do not tell it', () => {
    const said = (step: string) =>
      mail(
        ...['From: MAILER-DAEMON@mx.example.jp', 'Subject: Undelivered Mail Returned to Sender'],
        ...['Content-Type: multipart/report; boundary="=_part"', ''],
        part('text/plain', `<taro@docomo.ne.jp>: host mx said: 550 Unknown user (in reply to ${step} command)`),
        part(
          'message/delivery-status',
          'Reporting-MTA: dns; mx',
          '',
          ...failed('taro@docomo.ne.jp', '5.0.0', 'smtp; 550 Unknown user'),
        ),
      );
    expect(readReport(said('RCPT TO')).findings[0]).toMatchObject({ class: 'invalid_mailbox' });
    expect(readReport(said('end of DATA')).findings[0]).toMatchObject({ class: 'recipient_filter' });
  });

  it('is read where it has lost its parts and stands in a text', () => {
    const flat = mail(
      'From: MAILER-DAEMON@mx.example.jp',
      'Subject: failure',
      '',
      'Sorry.',
      '',
      ...failed('taro@example.jp'),
    );
    expect(readReport(flat).findings).toMatchObject([
      { kind: 'bounce', recipient: 'taro@example.jp', status: '5.1.1', class: 'invalid_mailbox' },
    ]);
  });
});

describe('an event of a provider that comes by email', () => {
  it('is read as the event that it is', () => {
    const event = {
      notificationType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [
          { emailAddress: 'taro@example.jp', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' },
        ],
      },
      mail: { source: VERP, destination: ['taro@example.jp'] },
    };
    const footer = [
      '',
      '--',
      'If you wish to stop receiving notifications from this topic, please click the link below.',
    ];
    const notice = mail(
      'From: AWS Notifications <no-reply@sns.example>',
      'Subject: AWS Notification Message',
      '',
      JSON.stringify(event),
      footer,
    );
    const { findings, marks } = readReport(notice);
    expect(findings).toMatchObject([{ kind: 'bounce', recipient: 'taro@example.jp', class: 'invalid_mailbox' }]);
    expect(marks.bounceAddresses).toEqual([VERP]);
  });
});

describe('a report of no known form', () => {
  const from = ['From: MAILER-DAEMON@mx.example.de', 'Subject: Unzustellbar'];

  it('is read in other languages, from Latin-1 too', () => {
    const text = 'Nachricht an den Empf\xe4nger <max@firma.example.de>: Empf\xe4nger unbekannt';
    const bytes = Buffer.from(
      [...from, 'Content-Type: text/plain; charset=iso-8859-1', '', text].join('\r\n'),
      'latin1',
    );
    expect(readReport(bytes).findings).toMatchObject([
      {
        kind: 'bounce',
        recipient: 'max@firma.example.de',
        class: 'invalid_mailbox',
        words: expect.stringContaining('Empfänger'),
      },
    ]);
  });

  it('is read where the original stands first', () => {
    const header = [...from, 'Content-Type: multipart/mixed; boundary="=_part"', ''];
    const said = part('text/plain', '<ghost@example.de>: 552 5.2.2 mailbox full');
    const { findings } = readReport(
      mail(header, part('message/rfc822', ...original('ghost@example.de')), said, '--=_part--'),
    );
    expect(findings).toMatchObject([{ kind: 'bounce', recipient: 'ghost@example.de', class: 'mailbox_full' }]);
  });

  it('names everybody whom its header alone names', () => {
    const { findings } = readReport(
      mail(from, 'X-Failed-Recipients: a@example.de, b@example.de', '', 'Message blocked as spam.'),
    );
    expect(findings.map(({ recipient }) => recipient)).toEqual(['a@example.de', 'b@example.de']);
  });

  it('is not made of what a person answers to a report', () => {
    const lines = [
      'From: Max <max@example.de>',
      'Subject: Re: Undelivered Mail Returned to Sender',
      '',
      'joe@example.de: 550 User unknown? How?',
    ];
    expect(readReport(mail(lines)).findings).toMatchObject([{ kind: 'other' }]);
  });
});

describe('a report that somebody hands on', () => {
  const inner = dsn(failed('taro@example.jp'), [part('message/rfc822', ...original('taro@example.jp'))]).map((line) =>
    line.replaceAll('=_part', '=_inner'),
  );
  const from = ['From: Chief <chief@example.com>', 'To: bounces@example.com', 'Subject: Fwd: what is this?'];

  it('as an attachment is read as what it is', () => {
    const { findings, marks } = readReport(
      mail(
        from,
        'Content-Type: multipart/mixed; boundary="=_part"',
        '',
        part('text/plain', 'See below.'),
        part('message/rfc822', ...inner),
      ),
    );
    expect(findings).toMatchObject([{ kind: 'bounce', recipient: 'taro@example.jp', class: 'invalid_mailbox' }]);
    expect(marks.messageIds).toContain(`<${TOKEN}@example.com>`);
  });

  it('in the text of a mail is read as what it is', () => {
    const quoted = ['From: Mail Delivery Subsystem <mailer-daemon@example.jp>', 'Subject: Undelivered mail', ''];
    const words = ['Your message to taro@example.jp could not be delivered:', '550 5.2.2 mailbox full'];
    const { findings } = readReport(
      mail(from, '', 'Look:', '', '---------- Forwarded message ---------', quoted, words),
    );
    expect(findings).toMatchObject([{ kind: 'bounce', recipient: 'taro@example.jp', class: 'mailbox_full' }]);
  });

  it('with others beside it belongs to no one message: a person has to look', () => {
    const second = dsn(failed('hanako@example.jp'), [part('message/rfc822', ...original('hanako@example.jp', OTHER))]);
    const both = [
      ...part('message/rfc822', ...inner),
      ...part('message/rfc822', ...second.map((line) => line.replaceAll('=_part', '=_2'))),
    ];
    const { findings, marks } = readReport(mail(from, 'Content-Type: multipart/mixed; boundary="=_part"', '', both));
    expect(findings.map(({ recipient }) => recipient)).toEqual(['taro@example.jp', 'hanako@example.jp']);
    expect(marks).toEqual({ bounceAddresses: [], envelopeIds: [], messageIds: [] });
  });
});

describe('an answer of a machine (RFC 3834)', () => {
  const answer = (subject: string, header: string[], ...words: string[]) =>
    mail('From: Hanako <hanako@example.jp>', `To: ${VERP}`, `Subject: ${subject}`, header, '', words);

  it.each([
    ['marked as one', 'Re: notice', ['Auto-Submitted: auto-replied']],
    ['of Exchange', 'Automatic reply: notice', ['X-MS-Exchange-Inbox-Rules-Loop: hanako@example.jp']],
    ['that says only that it is generated', 'Re: notice', ['Auto-Submitted: auto-generated']],
    ['with an old mark', 'I am away', ['Precedence: auto_reply']],
    ['told by its subject alone', '自動返信：不在です', []],
  ])('%s is nobody’s failure', (_name, subject, header) => {
    expect(readReport(answer(subject, header, 'I am out until Monday.')).findings).toMatchObject([
      { kind: 'auto_reply', recipient: 'hanako@example.jp', status: null, class: null },
    ]);
  });

  it('that quotes a bounce is still one', () => {
    const quoted = ['> <taro@example.jp>: host mx said: 550 5.1.1 User unknown', '> Action: failed', '> Status: 5.1.1'];
    const [finding] = readReport(
      answer('Automatic reply: Undelivered Mail Returned to Sender', [], ...quoted),
    ).findings;
    expect(finding).toMatchObject({ kind: 'auto_reply', class: null });
  });

  it('is not made of the report of a mail system that marks its reports so', () => {
    const { findings } = readReport(mail(dsn(failed('taro@example.jp'), [], ['Auto-Submitted: auto-replied'])));
    expect(findings[0]?.kind).toBe('bounce');
  });
});

describe('a complaint (RFC 5965)', () => {
  const complaint = (...feedback: string[]) => [
    ...['From: feedback@mail.example', 'Subject: FW: notice'],
    ...['Content-Type: multipart/report; report-type=feedback-report; boundary="=_part"', ''],
    ...part('text/plain', 'This is an email abuse report.'),
    ...part('message/feedback-report', 'User-Agent: Some/1.0', 'Version: 1', ...feedback),
  ];

  it('names who complained, in its fields or by the original', () => {
    const named = complaint('Feedback-Type: abuse', 'Original-Rcpt-To: <taro@example.jp>');
    expect(readReport(mail(named)).findings).toMatchObject([{ kind: 'complaint', recipient: 'taro@example.jp' }]);
    const hidden = [...complaint('Feedback-Type: abuse'), ...part('message/rfc822', ...original('hanako@example.jp'))];
    expect(readReport(mail(hidden)).findings).toMatchObject([{ kind: 'complaint', recipient: 'hanako@example.jp' }]);
  });

  it('without an original, and without a name, is still one', () => {
    expect(readReport(mail(complaint('Feedback-Type: abuse'))).findings).toMatchObject([
      { kind: 'complaint', recipient: null, class: null },
    ]);
  });

  it.each(['not-spam', 'auth-failure', 'dmarc'])('is not what a machine reports as %s', (type) => {
    expect(readReport(mail(complaint(`Feedback-Type: ${type}`))).findings).toMatchObject([{ kind: 'other' }]);
  });
});

describe('what is no report', () => {
  it.each([
    ['a letter', mail('From: hanako@example.jp', 'Subject: question', '', 'My card was rejected. Why? 550 yen')],
    ['nothing', Buffer.alloc(0)],
    ['a zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5_000, 0x8f)])],
    [
      'a mail that is only boundaries',
      mail('Content-Type: multipart/report; boundary=x', '', ...Array(5_000).fill('--x')),
    ],
    [
      'a read receipt',
      mail(
        'From: a@example.jp',
        'Content-Type: multipart/report; boundary="=_part"',
        '',
        part(
          'message/disposition-notification',
          'Final-Recipient: rfc822; a@example.jp',
          'Disposition: manual-action; displayed',
        ),
      ),
    ],
  ])('%s is told as such, and never as a failure', (_name, bytes) => {
    const { findings } = readReport(bytes);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ kind: 'other', class: null });
  });

  it('without an end is read as far as it goes', () => {
    const endless = mail(
      'Content-Type: multipart/mixed; boundary=x',
      '',
      ...Array(20_000).fill('--x\r\nContent-Type: text/plain\r\n\r\na'),
    );
    expect(readReport(endless).findings).toHaveLength(1);
  });
});
