import { describe, expect, it } from 'vitest';
import { told } from '../../support/reports/format-reading.ts';

describe('qmail', () => {
  const opening = `Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.
`;

  it('tells the recipient, the reply, the host and the step of a refusal', () => {
    const words = `${opening}
<taro@example.jp>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 <taro@example.jp>... User unknown
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

Return-Path: <b@example.com>
From: b@example.com
`;
    expect(told(words)).toEqual({
      format: 'qmail',
      found: [
        {
          recipient: 'taro@example.jp',
          text: '192.0.2.25 does not like recipient. Remote host said: 550 5.1.1 <taro@example.jp>... User unknown Giving up on 192.0.2.25.',
          ...{ action: 'failed', stage: 'rcpt', remote: '192.0.2.25' },
        },
      ],
    });
  });

  it('keeps several recipients apart, with what was said of each', () => {
    const { found } = told(`${opening}
<taro@example.jp>:
Sorry, no mailbox here by that name. (#5.1.1)

<hanako@example.com>:
Connected to 192.0.2.7 but sender was rejected.
Remote host said: 554 5.7.1 Blocked
`);
    expect(found.map(({ recipient, text, stage }) => [recipient, text.slice(0, 22), stage])).toEqual([
      ['taro@example.jp', 'Sorry, no mailbox here', null],
      ['hanako@example.com', 'Connected to 192.0.2.7', 'mail'],
    ]);
  });

  it('is known by its marks where the host has translated the opening', () => {
    const header = ['Received: (qmail 1234 invoked for bounce); 1 Apr 2020 00:00:00 -0000'];
    const { format, found } = told(
      'メールをお届けできませんでした。\n\n<taro@example.jp>:\nuser is over quota\n',
      header,
    );
    expect([format, found[0]?.recipient, found[0]?.text]).toEqual(['qmail', 'taro@example.jp', 'user is over quota']);
  });

  it('is imitated by Yahoo', () => {
    const { format, found } = told(`Sorry, we were unable to deliver your message to the following address.

<taro@example.jp>:
Remote host said: 552 5.2.2 Mailbox full [RCPT_TO]

--- Below this line is a copy of the message.

Received: from x
`);
    expect([format, found[0]?.recipient, found[0]?.stage]).toEqual(['qmail_like', 'taro@example.jp', 'rcpt']);
  });
});

describe('Postfix', () => {
  const opening = (host: string) => `This is the mail system at host ${host}.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system
`;

  it('tells the step from what the reply answered', () => {
    const { format, found } = told(`${opening('mx.example.net')}
<taro@example.jp>: host mx.example.jp[192.0.2.25] said: 550
    5.1.1 <taro@example.jp>: Recipient address rejected: User unknown (in reply
    to RCPT TO command)

<"hanako..y."@example.jp>: host mx.example.jp[192.0.2.25] said: 554 5.7.1
    Message rejected (in reply to end of DATA command)
`);
    expect(format).toBe('postfix');
    expect(found.map(({ recipient, stage, remote }) => [recipient, stage, remote])).toEqual([
      ['taro@example.jp', 'rcpt', 'mx.example.jp'],
      ['hanako..y.@example.jp', 'body', 'mx.example.jp'],
    ]);
  });

  it('warns of a delay', () => {
    const { found } = told(
      `This is the mail system at host mx.example.net.

####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than 3 hour(s).
It will be retried until it is 5 day(s) old.

<taro@example.jp>: connect to mx.example.jp[192.0.2.25]:25: Connection timed out
`,
      ['Subject: Delayed Mail (still being retried)'],
    );
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', action: 'delayed' }]);
  });

  it('is final when only the remote server speaks of a delay', () => {
    const { found } = told(`${opening('mx.example.net')}
<taro@example.jp>: host mx.example.jp[192.0.2.25] said: 550 delivery has been delayed too often
`);
    expect(found[0]?.action).toBe('failed');
  });

  it('names the address that an alias stands for', () => {
    const { found } = told(`${opening('mx.example.net')}
<taro@home.example.jp> (expanded from <taro@example.jp>): unknown user: "taro"
`);
    expect(found).toMatchObject([{ recipient: 'taro@home.example.jp', text: 'unknown user: "taro"' }]);
  });

  it('tells its postmaster of a session in which a recipient was refused', () => {
    const words = `Transcript of session follows.

 Out: 220 mx.example.net ESMTP Postfix
 In:  EHLO mail.example.com
 Out: 250 DSN
 In:  MAIL FROM:<a@example.com>
 Out: 250 2.1.0 Ok
 In:  RCPT TO:<taro@example.jp>
 Out: 550 5.1.1 <taro@example.jp>: Recipient address rejected: User unknown

Session aborted, reason: lost connection
`;
    expect(told(words, ['Subject: Postfix SMTP server: errors from mail.example.com'])).toMatchObject({
      format: 'postfix_session',
      found: [{ recipient: 'taro@example.jp', text: expect.stringMatching(/^Out: 550 5\.1\.1/) }],
    });
  });
});

describe('Sendmail', () => {
  it('tells who failed and what the server said at which step', () => {
    const words = `The original message was received at Thu, 2 Apr 2020 10:00:00 +0900
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<taro@example.jp>
    (reason: 550 5.1.1 <taro@example.jp>... User unknown)
<hanako@example.jp>
    (reason: 552 5.2.2 Mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.example.jp.:
>>> RCPT To:<taro@example.jp>
<<< 550 5.1.1 <taro@example.jp>... User unknown
550 5.1.1 <taro@example.jp>... User unknown
>>> RCPT To:<hanako@example.jp>
<<< 552 5.2.2 Mailbox full
552 5.2.2 <hanako@example.jp>... Mailbox full
`;
    const { format, found } = told(words, ['Subject: Returned mail: see transcript for details']);
    expect(format).toBe('sendmail');
    expect(found.map(({ recipient, stage, remote }) => [recipient, stage, remote])).toEqual([
      ['taro@example.jp', 'rcpt', 'mx.example.jp'],
      ['hanako@example.jp', 'rcpt', 'mx.example.jp'],
    ]);
    expect(found[0]?.text).toMatch(/User unknown/);
    expect(found[0]?.text).not.toMatch(/full/);
    expect(found[1]?.text).not.toMatch(/unknown/);
  });

  it('keeps a refusal after DATA apart from one of the mailbox', () => {
    const { found } = told(`   ----- The following addresses had permanent fatal errors -----
<taro@docomo.example.jp>
    (reason: 550 Unknown user taro@docomo.example.jp)

   ----- Transcript of session follows -----
... while talking to mfsmax.docomo.example.jp.:
>>> DATA
<<< 550 Unknown user taro@docomo.example.jp
554 5.0.0 Service unavailable
`);
    expect(found).toMatchObject([{ recipient: 'taro@docomo.example.jp', stage: 'data' }]);
    expect(found[0]?.text).not.toMatch(/Service unavailable/);
  });

  it('is read in the form of long ago, with the transcript alone', () => {
    const { found } = told(`   ----- Transcript of session follows -----
While talking to mx.example.jp:
>>> RCPT To:<taro@example.jp>
<<< 550 <taro@example.jp>, User Unknown
550 <taro@example.jp>... User unknown

   ----- Unsent message follows -----
Received: by mail.example.net id AA00001; Thu, 2 Apr 92 10:00:00 JST
From: b@example.com
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', stage: 'rcpt', remote: 'mx.example.jp' }]);
  });

  it('warns while it keeps trying', () => {
    const words = `    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- The following addresses had transient non-fatal errors -----
<taro@example.jp>

   ----- Transcript of session follows -----
<taro@example.jp>... Deferred: Connection timed out with mx.example.jp.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
`;
    expect(told(words).found).toMatchObject([
      { recipient: 'taro@example.jp', action: 'delayed', text: expect.stringMatching(/Connection timed out/) },
    ]);
  });

  it('is final when only the remote server speaks of a delay', () => {
    const { found } = told(`   ----- The following addresses had permanent fatal errors -----
<taro@example.jp>

   ----- Transcript of session follows -----
>>> RCPT To:<taro@example.jp>
<<< 450 4.7.1 greylisted, delivery delayed
<taro@example.jp>... Message could not be delivered for 5 days
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', action: 'failed' }]);
  });

  it('finds the person behind a program that failed', () => {
    const { found } = told(`   ----- The following addresses had permanent fatal errors -----
"|/usr/local/bin/filter"
    (reason: Can't create output)
    (expanded from: <taro@example.jp>)

   ----- Transcript of session follows -----
550 5.3.0 "|/usr/local/bin/filter"... Can't create output
`);
    expect(found).toMatchObject([
      { recipient: 'taro@example.jp', text: expect.stringMatching(/^Can't create output/) },
    ]);
  });

  it('reports what was handed on', () => {
    const { found } = told(`   ----- The following addresses had successful delivery notifications -----
<taro@example.jp>  (relayed to non-DSN-aware mailer)

   ----- Transcript of session follows -----
<taro@example.jp>... relayed; expect no further notifications
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', action: 'delivered' }]);
  });

  it('is read as Active!hunter writes it', () => {
    const { found } = told(`  ----- The following addresses had permanent fatal errors -----

>>> taro@example.jp <taro@example.jp>

  ----- Transcript of session follows -----
550 sorry, no mailbox here by that name (#5.1.1 - chkusr)
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', text: expect.stringMatching(/no mailbox here/) }]);
  });
});
