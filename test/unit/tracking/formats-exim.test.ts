import { describe, expect, it } from 'vitest';
import { told } from '../../support/reports/format-reading.ts';

describe('Exim', () => {
  const opening = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:
`;

  it('tells each address, its host and the step', () => {
    const { format, found } = told(`${opening}
  taro@example.jp
    host mx.example.jp [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<taro@example.jp>:
    550 5.1.1 <taro@example.jp>: User unknown
  hanako@example.com
    SMTP error from remote mail server after end of data:
    host mx.example.com [192.0.2.26]: 552 message too large

------ This is a copy of the message, including all the headers. ------

Return-path: <b@example.com>
`);
    expect(format).toBe('exim');
    expect(found.map(({ recipient, stage, remote }) => [recipient, stage, remote])).toEqual([
      ['taro@example.jp', 'rcpt', 'mx.example.jp'],
      ['hanako@example.com', 'body', 'mx.example.com'],
    ]);
  });

  it('does not take the sender for a recipient', () => {
    const { found } = told(`This message was created automatically by mail delivery software.

A message sent by

  <sender@example.com>

could not be delivered to one or more of its recipients. The following
address(es) failed:

  taro@example.jp
    Unrouteable address
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', text: 'Unrouteable address' }]);
  });

  it('reads on where the diagnosis names the address again', () => {
    const { found } = told(`${opening}
  taro@example.jp
    local delivery failed
  taro@example.jp: mailbox is full
`);
    expect(found).toMatchObject([{ text: 'local delivery failed taro@example.jp: mailbox is full' }]);
  });

  it('finds the address from which an undisclosed one was made', () => {
    const { found } = told(`${opening}
  an undisclosed address
    (generated from taro@example.jp)
    mailbox is full (quota exceeded while writing to file)
`);
    expect(found).toMatchObject([{ recipient: 'taro@example.jp', text: expect.stringMatching(/^mailbox is full/) }]);
  });

  it('warns of a delay', () => {
    const words = `This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mail.example.net.

The message identifier is:     1abcde-000001-AA
The subject of the message is: Notice

The address to which the message has not yet been delivered is:

  taro@example.jp
    Delay reason: Connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
`;
    expect(told(words, ['Subject: Warning: message 1abcde-000001-AA delayed 24 hours']).found).toMatchObject([
      { recipient: 'taro@example.jp', action: 'delayed', text: 'Delay reason: Connection timed out' },
    ]);
  });

  it('is read as GMX and MX Logic write it', () => {
    const gmx = told(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address
failed:

"taro@example.jp":
SMTP error from remote server after RCPT command:
host: mx.example.jp
5.1.1 <taro@example.jp>... User Unknown

--- The header of the original message is following. ---

Received: from x
`);
    expect(gmx.found).toMatchObject([{ recipient: 'taro@example.jp', stage: 'rcpt', remote: 'mx.example.jp' }]);
    const mxLogic = told(`This message was created automatically by mail delivery software.

A message that you have sent could not be delivered to one or more
recipients.  This is a permanent error.  The following address failed:

  <taro@example.jp>: 550 5.1.1 User unknown

Included is a copy of the message header:
`);
    expect(mxLogic.found).toMatchObject([{ recipient: 'taro@example.jp', text: '550 5.1.1 User unknown' }]);
  });

  it('is read as Zoho and Smail write it', () => {
    const zoho = told(`This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

taro@example.jp Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <taro@example.jp>... User Unknown
`);
    expect(zoho).toMatchObject({ format: 'zoho', found: [{ recipient: 'taro@example.jp' }] });
    const smail = told(`|------------------------- Failed addresses follow: ---------------------|
 <taro@example.jp>
   552 5.2.2 <taro@example.jp> Quota exceeded (mailbox for user is full)

|------------------------- Message header follows: ----------------------|
Received: from x
`);
    expect(smail).toMatchObject({ format: 'smail', found: [{ recipient: 'taro@example.jp' }] });
    expect(smail.found[0]?.text).toMatch(/^552 5\.2\.2/);
  });
});
