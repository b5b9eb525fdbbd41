import { describe, expect, it } from 'vitest';
import { classifyReport, type Said } from '../../../src/tracking/reading/classify-report.ts';
import { ownCodes } from '../../../src/tracking/reading/rules/own-codes.ts';
import { receivers } from '../../../src/tracking/reading/rules/own-words.ts';
import { emptyReports } from './empty-reports.fixtures.ts';
import { recipientReports } from './recipient-reports.fixtures.ts';
import { senderReports } from './sender-reports.fixtures.ts';
import { unseenReports } from './unseen-reports.fixtures.ts';

const read = (text: string, said: Partial<Said> = {}) =>
  classifyReport({ status: null, reply: null, recipientDomain: null, ...said, text });

describe('what a report means', () => {
  it.each([...recipientReports, ...senderReports, ...unseenReports])('$means: $line', ({ means, said }) => {
    expect(classifyReport(said)).toMatchObject({ class: means });
  });

  it.each(emptyReports)('decides nothing by what stands in every report: $line', ({ said }) => {
    expect(classifyReport(said)).toEqual({ class: 'undetermined', by: 'nothing said' });
  });
});

describe('what decides', () => {
  it('is named: whose reading, by words, status, code or reply', () => {
    expect(read('552 5.2.2 mailbox full').by).toBe('words mailbox_full');
    expect(read('', { status: '5.1.1' }).by).toBe('status 5.1.1');
    expect(read('', { reply: 552 }).by).toBe('reply 552');
    expect(read('552 too much mail data', { recipientDomain: 'docomo.ne.jp' }).by).toBe('docomo words mailbox_full');
    expect(read('554 refused OFR_506').by).toBe('orange code 506');
    const banned = 'Access denied [x.prod.protection.outlook.com]';
    expect(read(banned, { status: '5.7.606' }).by).toBe('microsoft status 5.7.606');
  });

  it('is the code in a server’s reply before the status of the report, and a status before none', () => {
    expect(read('550 5.0.0 x 550 5.1.1 y', { status: '5.2.2' }).class).toBe('invalid_mailbox');
    expect(read('#5.1.1', { status: '5.2.2' }).class).toBe('mailbox_full');
    expect(read('550 5.0.0 <a@example.jp>', { status: '5.1.1' }).class).toBe('invalid_mailbox');
  });

  it('is the step too: who is unknown only after the whole message has a filter', () => {
    expect(read('550 Unknown user').class).toBe('invalid_mailbox');
    expect(read('550 Unknown user (in reply to end of DATA command)').class).toBe('recipient_filter');
    expect(read('550 5.1.1 Unknown user (in reply to end of DATA command)').class).toBe('invalid_mailbox');
    expect(read('550 Unknown user', { stage: 'body' }).class).toBe('recipient_filter');
  });

  it('is the step that failed, not those that a transcript shows after it', () => {
    const transcript = '>>> RCPT TO:<a@docomo.ne.jp> <<< 550 Unknown user >>> DATA <<< 503 Bad sequence of commands';
    expect(read(transcript, { recipientDomain: 'docomo.ne.jp' }).class).toBe('invalid_mailbox');
    const late = '>>> DATA <<< 550 Unknown user a@docomo.ne.jp';
    expect(read(late, { recipientDomain: 'docomo.ne.jp' }).class).toBe('recipient_filter');
  });

  it('is what the other server said, not how Sendmail sums it up', () => {
    expect(read('<<< 550 blocked using bl.example.org 550 5.1.1 <a@example.jp>... User unknown').class).toBe(
      'sender_blocked',
    );
    expect(read('550 5.1.1 <a@example.jp>... User unknown').class).toBe('invalid_mailbox');
  });

  it('is a receiver’s own reading by the recipient’s domain, by its host, or by its marks', () => {
    const words = '550 : User unknown';
    expect(read(words).class).toBe('invalid_mailbox');
    expect(read(words, { recipientDomain: 'EZWEB.ne.jp' }).class).toBe('recipient_filter');
    expect(read(words, { remote: 'lsean.ezweb.ne.jp' }).class).toBe('recipient_filter');
    expect(read('450 mail too quickly [TSS04]').by).toBe('yahoo words throttled');
  });

  it('is the last server’s reply where the report goes on for long', () => {
    expect(read(`${'Nothing to see. '.repeat(1000)} 552 5.2.2 mailbox full`).class).toBe('mailbox_full');
  });
});

describe('what decides nothing', () => {
  const locals = ['no-spam', 'virus', 'blocked', 'mailbox.full', 'quota-exceeded', 'greylisted', 'relay-denied', 'SPF'];

  it.each(locals)('an address: %s', (local) => {
    const [plain, named] = ['a@example.jp', `${local}@${local.toLowerCase()}.example.jp`];
    for (const words of ['User unknown', 'Host unknown', 'mailbox full', 'Zarathustra', '宛先不明', 'timed out']) {
      const say = (address: string) => read(`550 <${address}>: ${words} "${address}"宛先${address}へ (${address})`);
      expect(say(named)).toEqual(say(plain));
    }
  });

  it('a code in an address', () => {
    expect(read('<5.1.1@example.jp> 421-552@example.jp').by).toBe('nothing said');
  });

  it.each(['spam.example.jp', 'blocked.example.com', 'virus-mailbox.example.net'])('the name of a host: %s', (host) => {
    expect(read(`host ${host}[192.0.2.1] said: 550 5.1.1 Zarathustra`).by).toBe('status 5.1.1');
    expect(read(`host ${host} said: Zarathustra; see https://${host}/spam/blocked?x=virus`).class).toBe('undetermined');
  });
});

it('takes no longer for a text that was made to be laborious', () => {
  const seeds = [
    'a',
    '.',
    '@',
    ' ',
    'a.',
    'user ',
    'mailbox ',
    'exceed ',
    'あ',
    '容量',
    'x.y-',
    '"',
    '<@>',
    'not ',
    '550-',
  ];
  for (const seed of seeds) {
    const text = seed.repeat(1_000_000 / seed.length);
    const since = performance.now();
    read(text, { recipientDomain: 'docomo.ne.jp', remote: 'a'.repeat(100_000) });
    expect(performance.now() - since, JSON.stringify(seed)).toBeLessThan(200);
  }
});

it('says of every receiver where its reading is from', () => {
  for (const { name, source } of [...receivers, ...ownCodes]) expect([name, source.length > 10]).toEqual([name, true]);
});
