import { describe, expect, it } from 'vitest';
import { told } from '../../support/reports/format-reading.ts';

const recipients = (words: string, header: string[] = []) =>
  told(words, header).found.map(({ recipient }) => recipient);

describe('Exchange', () => {
  it('of 5.5 tells the address and the reason in words and numbers', () => {
    const words = `Your message

  To:      taro@example.jp
  Subject: Notice
  Sent:    Thu, 2 Apr 2009 18:14:35 +0900

did not reach the following recipient(s):

taro@example.jp on Thu, 2 Apr 2009 18:14:40 +0900
    The recipient name is not recognized
	The MTS-ID of the original message is: c=jp;a= ;p=example
;l=EXCHANGE0904020914
    MSEXCH:IMS:EXAMPLE:TOKYO:EXCHANGE 0 (000C05A6) Unknown Recipient
c=JP;a= ;p=Example;o=Tokyo;dda:SMTP=hanako@example.jp; on Thu, 2 Apr 2009 18:14:40 +0900
    Message could not be delivered
`;
    const { format, found } = told(words, ['Subject: Undeliverable: Notice']);
    expect(format).toBe('exchange_2003');
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/^The recipient name is not.*Unknown Recipient$/) },
      { recipient: 'hanako@example.jp', text: 'Message could not be delivered' },
    ]);
  });

  it('of 2003 tells it with the reply in brackets', () => {
    const { found } = told(`Your message did not reach some or all of the intended recipients.

      Subject:	Notice
      Sent:	4/2/2009 1:00 PM

The following recipient(s) could not be reached:

      taro@example.jp on 4/2/2009 1:00 PM
            The e-mail account does not exist at the organization this message was sent to.
            < mx.example.jp #5.1.1 smtp; 550 5.1.1 User unknown>
      'Hanako Example' on 4/2/2009 1:00 PM
            You do not have permission to send to this recipient.
`);
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/does not exist at.*550 5\.1\.1/) },
      { recipient: null, text: expect.stringMatching(/^You do not have permission/) },
    ]);
  });

  it('of 2003 gives advice that is no reason', () => {
    const { found } = told(`The following recipient(s) could not be reached:

      taro@example.jp on 4/2/2009 1:00 PM
            The destination server for this recipient could not be found in Domain Name Service (DNS).  Please verify the email address and retry.  If that fails, contact your administrator.
            <mail.example.net #5.4.4>
`);
    expect(found[0]?.text).toMatch(/Domain Name Service \(DNS\)\. <mail\.example\.net #5\.4\.4>$/);
  });

  it('of 2003 is read in Japanese', () => {
    const words = `送信したメッセージは、受信者の一部またはすべてに届きませんでした。

      件名:	お知らせ
      送信日時:	2009/04/02 13:00

以下の受信者に配信できませんでした:

      taro@example.jp 2009/04/02 13:00
            この電子メール アカウントは送信先の組織に存在しません。
`;
    expect(told(words, ['Subject: =?utf-8?B?6YWN5L+h5LiN6IO9?='])).toMatchObject({
      format: 'exchange_2003',
      found: [{ recipient: 'taro@example.jp', text: expect.stringMatching(/存在しません/) }],
    });
  });

  it('of 2007 and later keeps what is for administrators', () => {
    const words = `Delivery has failed to these recipients or groups:

taro@example.jp<mailto:taro@example.jp>
The e-mail address you entered couldn't be found. Please check the recipient's e-mail address.

Diagnostic information for administrators:

Generating server: ex01.example.jp

taro@example.jp
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
hanako@example.com
mx.example.com
Remote Server at mx.example.com (192.0.2.25) returned '552 5.2.2 Mailbox full'

Original message headers:

Received: from ex01.example.jp
`;
    expect(told(words, ['Subject: Undeliverable: Notice'])).toMatchObject({
      format: 'exchange_2007',
      found: [
        { recipient: 'taro@example.jp', text: '#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##' },
        { recipient: 'hanako@example.com', text: expect.stringMatching(/552 5\.2\.2/), remote: 'mx.example.com' },
      ],
    });
  });

  it('of 2010 and later is read without that, and warns', () => {
    const words = `Delivery is delayed to these recipients or groups:

taro@example.jp (taro@example.jp)<mailto:taro@example.jp>

Subject: Notice

This message hasn't been delivered yet. Delivery will continue to be attempted.
`;
    expect(told(words, ['Subject: Delivery delayed:Notice']).found).toMatchObject([
      { recipient: 'taro@example.jp', action: 'delayed' },
    ]);
    expect(
      recipients('これらの受信者またはグループへの配信に失敗しました:\n\ntaro@example.jp\n宛先が見つかりません。\n'),
    ).toEqual(['taro@example.jp']);
  });
});

describe('Office 365', () => {
  it('tells the address of its title and the reported error', () => {
    const words = `Your message to taro@example.jp couldn't be delivered.

taro wasn't found at example.jp.

sender	Office 365	taro
Action Required		Recipient

Original Message Details
Created Date:	4/2/2024 6:40:30 AM
Sender Address:	sender@example.com
Recipient Address:	taro@example.jp
Subject:	Notice

Error Details
Reported error:	550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
DSN generated by:	TYXPR01.jpnprd01.prod.outlook.com
`;
    const { format, found } = told(words, ['Subject: Undeliverable: Notice']);
    expect(format).toBe('office365');
    expect(found).toMatchObject([
      {
        recipient: 'taro@example.jp',
        text: '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
      },
    ]);
  });

  it('tells what another server said', () => {
    const { found } = told(`mx.example.jp rejected your message to the following email addresses:

taro@example.jp<mailto:taro@example.jp>
Your message wasn't delivered because the recipient's mailbox is full.

mx.example.jp gave this error:
552 5.2.2 over quota
`);
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/552 5\.2\.2 over quota$/) },
    ]);
  });
});

describe('Outlook.com', () => {
  it('lists whom it did not reach', () => {
    const { format, found } = told(`This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed.

       taro@example.jp
       hanako@example.jp

`);
    expect([format, found.map(({ recipient }) => recipient)]).toEqual([
      'outlook',
      ['taro@example.jp', 'hanako@example.jp'],
    ]);
  });
});

describe('Gmail', () => {
  it('of former years tells the reply, the host and, by its number, the step', () => {
    const { format, found } = told(`Delivery to the following recipient failed permanently:

     taro@example.jp

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain example.jp by mx.example.jp. [192.0.2.25].

The error that the other server returned was:
550 550 5.1.1 <taro@example.jp>... User unknown (state 14).

----- Original message -----

MIME-Version: 1.0
Received: by 10.0.0.1
Message-ID: <x@mail.example.com>
`);
    expect(format).toBe('gmail');
    expect(found).toEqual([
      {
        recipient: 'taro@example.jp',
        text: '550 550 5.1.1 <taro@example.jp>... User unknown (state 14).',
        ...{ action: 'failed', stage: 'rcpt', remote: 'mx.example.jp' },
      },
    ]);
  });

  it('of former years warned of a delay', () => {
    const words = `THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipient has been delayed:

     taro@example.jp

Message will be retried for 2 more day(s)

Technical details of temporary failure:
The recipient server did not accept our requests to connect.
`;
    expect(told(words, ['Subject: Delivery Status Notification (Delay)']).found).toMatchObject([
      { recipient: 'taro@example.jp', action: 'delayed', text: expect.stringMatching(/did not accept our requests/) },
    ]);
  });

  it('of today tells the reply below its heading', () => {
    const { format, found } = told(
      `** Address not found **

Your message wasn't delivered to taro@example.jp because the address couldn't be found, or is unable to receive mail.

Learn more here: https://support.google.com/mail/?p=NoSuchUser

The response was:

550 5.1.1 The email account that you tried to reach does not exist.
`,
      [
        'Subject: Delivery Status Notification (Failure)',
        'From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      ],
    );
    expect(format).toBe('gmail_notice');
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', action: 'failed', text: expect.stringMatching(/^Address not found 550 5\.1\.1/) },
    ]);
  });

  it('of today tells a delay from a failure, and a full inbox without a reply', () => {
    const delay = told(`** Delivery incomplete **

There was a temporary problem delivering your message to taro@example.jp. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.
`);
    expect(delay.found).toMatchObject([{ recipient: 'taro@example.jp', action: 'delayed' }]);
    const full = told(`** Recipient inbox full **

Your message couldn't be delivered to taro@example.jp. Their inbox is full, or it's getting too much mail right now.
`);
    expect(full.found).toMatchObject([{ recipient: 'taro@example.jp', text: expect.stringMatching(/inbox is full/) }]);
  });

  it('of today is read in Japanese', () => {
    const { found } = told(`** アドレスが見つかりませんでした **

アドレスが見つからないか、メールを受信できないため、taro@example.jp にメールを配信できませんでした。

リモート サーバーからの応答:
550 5.1.1 User unknown
`);
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/550 5\.1\.1 User unknown/) },
    ]);
  });

  it('is not seen in the mail of a person who links to its help', () => {
    const words = 'Please see https://support.google.com/mail/answer/1 and write your message to taro@example.jp\n';
    expect(told(words, ['From: hanako@example.com', 'Subject: hello']).format).toBe(null);
  });
});

describe('Google Groups', () => {
  it('says that the group is not there', () => {
    const words = `Hello sender@example.com,

We're writing to let you know that the group you tried to contact (members)
may not exist, or you may not have permission to post messages to the group.
A few more details on why you weren't able to post:
`;
    expect(told(words)).toMatchObject({
      format: 'google_groups',
      found: [{ recipient: null, text: expect.stringMatching(/^the group you tried.*permission to post/) }],
    });
  });
});

describe('Domino and Notes', () => {
  it('name the user who is in no directory', () => {
    const words = `Your message

  Subject: Notice

was not delivered to:

  taro@example.jp

because:

  User taro (taro@example.jp) not listed in Domino Directory

`;
    expect(told(words, ['Subject: DELIVERY FAILURE: User taro not listed in Domino Directory'])).toMatchObject({
      format: 'domino',
      found: [{ recipient: 'taro@example.jp', text: expect.stringMatching(/not listed in Domino Directory/) }],
    });
  });

  it('keep several addresses with their reasons apart', () => {
    const { found } = told(`Your message

was not delivered to:

  taro@example.jp

because:

  No such user

was not delivered to:

  hanako@example.jp

because:

  Mailbox full
`);
    expect(found.map(({ recipient, text }) => [recipient, text])).toEqual([
      ['taro@example.jp', 'No such user'],
      ['hanako@example.jp', 'Mailbox full'],
    ]);
  });

  it('of long ago put the reason above the address', () => {
    const words = `------- Failure Reasons  --------

User not listed in public Name & Address Book
taro@example.jp

------- Returned Message --------
Received: from x
`;
    expect(told(words, ['Subject: Undeliverable message'])).toMatchObject({
      format: 'notes',
      found: [{ recipient: 'taro@example.jp', text: 'User not listed in public Name & Address Book' }],
    });
    const japanese =
      '------- Failure Reasons  --------\n\nユーザーがディレクトリのリストにありません\ntaro@example.jp\n';
    expect(told(japanese).found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/リストにありません/) },
    ]);
  });
});
