import { describe, expect, it } from 'vitest';
import { told } from '../../support/reports/format-reading.ts';

describe('au (EZweb)', () => {
  const header = ['From: Postmaster@ezweb.ne.jp', 'Subject: Mail System Error - Returned Mail'];

  it('says why before it names the address', () => {
    const words = `The user(s) account is temporarily over quota.

<taro..x@ezweb.ne.jp>
`;
    expect(told(words, header)).toMatchObject({
      format: 'ezweb',
      found: [{ recipient: 'taro..x@ezweb.ne.jp', text: 'The user(s) account is temporarily over quota.' }],
    });
  });

  it('keeps that together with the reply', () => {
    const words = `The user(s) account is disabled.

<taro@ezweb.ne.jp>: 550 user unknown (in reply to RCPT TO command)
`;
    expect(told(words, header).found).toMatchObject([
      {
        recipient: 'taro@ezweb.ne.jp',
        stage: 'rcpt',
        text: expect.stringMatching(/^The user.*disabled\. 550 user unknown/),
      },
    ]);
  });

  it('tells what a server refused', () => {
    const words = `Each of the following recipients was rejected by a remote
mail server.

    Recipient: <taro@ezweb.ne.jp>
    >>> RCPT TO:<taro@ezweb.ne.jp>
    <<< 550 <taro@ezweb.ne.jp>: User unknown
`;
    expect(told(words, header).found).toMatchObject([
      {
        recipient: 'taro@ezweb.ne.jp',
        stage: 'rcpt',
        text: expect.stringMatching(/550 <taro@ezweb\.ne\.jp>: User unknown$/),
      },
    ]);
  });

  it('writes as the mail system it was made of', () => {
    const words = `This Message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.

    Recipient: <taro@example.jp>
    Reason:    5.1.1 User unknown

Please reply to Postmaster@example.jp
`;
    expect(told(words)).toMatchObject({ format: 'intermail', found: [{ recipient: 'taro@example.jp' }] });
  });

  it('leaves the mark of its filter in the header', () => {
    const words = 'The following recipients did not receive this message:\n\n     <taro@ezweb.ne.jp>\n';
    expect(told(words, [...header, 'X-SPASIGN: NG']).found).toMatchObject([
      { recipient: 'taro@ezweb.ne.jp', text: expect.stringMatching(/^X-SPASIGN: NG /) },
    ]);
  });

  it('of au one net names the mailbox that is full', () => {
    const words = `Your mail sent on: Thu, 2 Apr 2009 11:04:47 +0900
    Could not be delivered to: <taro@dion.ne.jp>
    As their mailbox is full.
`;
    expect(told(words)).toMatchObject({
      format: 'kddi',
      found: [{ recipient: 'taro@dion.ne.jp', text: 'As their mailbox is full.' }],
    });
  });
});

describe('Japanese providers and products', () => {
  it('BIGLOBE tells one reason for its addresses', () => {
    const words = `   ----- The following addresses had delivery problems -----
taro@kcd.biglobe.ne.jp

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
`;
    expect(told(words)).toMatchObject({
      format: 'biglobe',
      found: [{ recipient: 'taro@kcd.biglobe.ne.jp', text: expect.stringMatching(/exceeded the local limit/) }],
    });
  });

  it('m-FILTER tells the reply and the command', () => {
    const words = `このメールは「m-FILTER」が自動的に生成して送信しています。
メールサーバーとの通信中、下記の理由により
このメールは送信できませんでした。

以下のメールアドレスへの送信に失敗しました。
taro@example.jp


-------server message
550 5.1.1 unknown user <taro@example.jp>

-------SMTP command
DATA

-------original message
`;
    expect(told(words, ['Subject: failure notice'])).toMatchObject({
      format: 'mfilter',
      found: [
        { recipient: 'taro@example.jp', stage: 'data', text: expect.stringMatching(/^550 5\.1\.1 unknown user/) },
      ],
    });
  });

  it('fml names its list', () => {
    const header = ['X-MLServer: fml', 'Message-Id: <20200402.FML0001@example.jp>', 'From: list-admin@example.jp'];
    expect(told('You are not a member of this mailing list <list@example.jp>.\n', header)).toMatchObject({
      format: 'fml',
      found: [{ recipient: 'list@example.jp', text: expect.stringMatching(/not a member/) }],
    });
  });

  it('hosts list addresses below a Japanese sentence', () => {
    const words = `メール配信システムからのお知らせです。

以下の宛先にメールを配信できませんでした。

  taro@example.jp
    550 5.1.1 User unknown

  <hanako@example.jp>: メールボックスの容量が超過しています
`;
    const header = ['Subject: =?utf-8?B?6YWN5L+h44Ko44Op44O844Gu44GK55+l44KJ44Gb?='];
    expect(told(words, header)).toMatchObject({
      format: 'japanese_list',
      found: [
        { recipient: 'taro@example.jp', text: '550 5.1.1 User unknown' },
        { recipient: 'hanako@example.jp', text: 'メールボックスの容量が超過しています' },
      ],
    });
  });

  it('are not seen in what a customer writes', () => {
    const words = '以下のアドレスへのメールでエラーになります。\n\ntaro@example.jp\n\nよろしくお願いします。\n';
    expect(told(words, ['From: hanako@example.com', 'Subject: =?utf-8?B?44GU55u46KuH?=']).format).toBe(null);
  });
});
