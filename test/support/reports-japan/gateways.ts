import type { ReportFacts } from '../reports/facts.ts';
import { deliveryStatus, reportFields, standardReport } from './delivery-status.ts';
import { bounces, domainOf, type JapanKind, said, saying } from './japan-kind.ts';
import { leaf, mail, multipart } from './mail.ts';
import { DATE, originalBelow, originalHeader, originalParts } from './original.ts';

const mailMarshal = bounces({
  name: 'MailMarshal',
  make: (facts) => {
    const text = `Your message:
    From:    ${facts.sender}
    Subject: An important notice

Could not be delivered because of

${said(facts)}

The following recipients were affected: 
    ${facts.recipient}


Additional Information
======================
Original Sender:    <${facts.sender}>
Sender-MTA:         <192.0.2.10>
Remote-MTA:         <198.51.100.7>
Reporting-MTA:      <marshal.example.com>
MessageName:        <B549996730000.000000000001.0003.mml>
Last-Attempt-Date:  <10:15:30 Tue, 24 November 2026>
`;
    const parts = [leaf(text), ...originalParts(facts, 'text/rfc822-headers')];
    const fields = reportFields(facts, '<postmaster@marshal.example.com>', 'Undeliverable Mail: "An important notice"');
    return mail(fields, multipart('mixed', parts, '==NDR==marshal.example.com=='));
  },
});

const mimeSweeper = bounces({
  name: 'MIMEsweeper',
  make: (facts) => {
    const text = `Delivery of the following message failed.

To: ${facts.recipient}
Subject: An important notice
Date: ${DATE}

Reason: ${said(facts)}
`;
    const fields = reportFields(
      facts,
      'MIMEsweeper <postmaster@sweeper.example.com>',
      'Undeliverable: An important notice',
    );
    return mail(fields, multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')]));
  },
});

const barracuda: JapanKind[] = [
  bounces({
    name: 'Barracuda, blocked as bulk',
    sayings: [saying(550, '5.7.1', 'Message content rejected, UBE, id=12345-01-67', 'sender_blocked', 'content')],
    make: (facts) =>
      standardReport(facts, {
        ...{
          from: 'postmaster@barracuda.example.com',
          subject: '**Message you sent blocked by our bulk email filter**',
        },
        text: `Your message to: ${facts.recipient}
was blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:

Subject: An important notice
`,
        status: {
          mta: 'barracuda.example.com',
          addressType: 'rfc822;',
          more: [`Received-From-MTA: smtp; app.example.jp ([192.0.2.10])`, `Arrival-Date: ${DATE}`],
        },
      }),
  }),
  bounces({
    ...{ name: 'Barracuda, forbidden attachment', showsStatus: true },
    sayings: [
      saying(550, '5.7.1', 'Message content rejected, id=12345-01-67 - BANNED: .zip', 'content', 'sender_blocked'),
    ],
    make: (facts) =>
      standardReport(facts, {
        ...{ from: 'postmaster@barracuda.example.com', subject: 'BANNED CONTENTS IN EMAIL FROM YOU' },
        text: `BANNED CONTENTS ALERT

Our content checker found
    banned name: .zip

in email presumably from you (${facts.sender}), to the following recipient:
-> ${facts.recipient}

Delivery of the email was stopped!
`,
        status: { mta: 'barracuda.example.com', addressType: 'rfc822;' },
      }),
  }),
];

const mimecast: JapanKind[] = [
  bounces({
    name: 'Mimecast',
    sayings: [
      saying(550, null, 'Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550', 'invalid_mailbox'),
      saying(
        550,
        null,
        'Rejected by header based Anti-Spoofing policy: notice@example.jp - https://community.mimecast.com/docs/DOC-1369#550',
        'sender_auth',
        'sender_blocked',
      ),
      saying(
        550,
        null,
        'Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550',
        'sender_blocked',
      ),
    ],
    make: (facts) => {
      const html = `<html><body><table><tr><td><h1>Email Delivery Failure</h1></td></tr>
<tr><td>The message you sent could not be delivered to the recipients below.</td></tr>
<tr><td>Recipients:</td><td>${facts.recipient}</td></tr>
<tr><td>Subject:</td><td>An important notice</td></tr>
<tr><td>Details:</td><td>${said(facts)}</td></tr></table></body></html>`;
      const parts = [
        multipart('alternative', [
          leaf(
            `Email Delivery Failure\n\nThe message could not be delivered.\nRecipient: ${facts.recipient}\n\n${said(facts)}\n`,
            { charset: 'utf-8' },
          ),
          leaf(html, { type: 'text/html', charset: 'utf-8', transfer: 'quoted-printable' }),
        ]),
        deliveryStatus(facts, { mta: 'dns; relay.mimecast.example.com'.slice(5), addressType: 'rfc822;' }),
        ...originalParts(facts),
      ];
      const fields = reportFields(
        facts,
        '"Mimecast Postmaster" <postmaster@mimecast.example.com>',
        '[Postmaster] Email Delivery Failure',
      );
      return mail(fields, multipart('report; report-type=delivery-status', parts));
    },
  }),
];

const proofpoint = bounces({
  name: 'Proofpoint',
  make: (facts) =>
    standardReport(facts, {
      from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx0a-00123456.pphosted.example.com>',
      subject: 'Returned mail: see transcript for details',
      text: `The original message was received at ${DATE}
from m0098765.ppops.net [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<${facts.recipient}>
    (reason: ${said(facts)})

   ----- Transcript of session follows -----
... while talking to [198.51.100.7]:
>>> DATA
<<< ${said(facts)}
554 5.0.0 Service unavailable
`,
      textForm: { type: null },
      status: {
        mta: 'mx0a-00123456.pphosted.example.com',
        remote: '[198.51.100.7]',
        more: [`Received-From-MTA: DNS; m0098765.ppops.net`, `Arrival-Date: ${DATE}`],
      },
    }),
  sayings: [
    saying(550, '5.1.1', 'User Unknown', 'invalid_mailbox'),
    saying(554, '5.7.1', 'Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10', 'sender_blocked'),
  ],
});

const messageLabs = bounces({
  name: 'Symantec MessageLabs',
  make: (facts) =>
    standardReport(facts, {
      ...{ from: 'MAILER-DAEMON@messagelabs.example.com', subject: 'Mail Delivery Failure' },
      fields: [['X-Msg-Ref', 'server-11.tower-143.messagelabs.com!1795484130!1234567!1']],
      text: `This is the mail delivery agent at messagelabs.com.
I was unable to deliver your message to the following addresses.

${facts.recipient}

Reason: ${said(facts)}

The message subject was: An important notice
The message date was: ${DATE}
The message identifier was: ${facts.originalMessageId.slice(1, -1)}
The message reference was: server-11.tower-143.messagelabs.com!1795484130!1234567!1

Please do not reply to this email as it is sent from an unattended mailbox.
`,
      status: { mta: 'server-11.bemta-5.messagelabs.com', more: [`Arrival-Date: ${DATE}`] },
    }),
});

const mcAfee = bounces({
  name: 'McAfee WebShield',
  sayings: [saying(550, '5.1.1', 'User unknown %s', 'invalid_mailbox')],
  showsStatus: false,
  make: (facts) => {
    const text = `Message from example.com:

 --- The following addresses had delivery problems ---

<${facts.recipient}>   (User unknown ${facts.recipient})

 --- Delivery status ---
`;
    const parts = [leaf(text), ...originalParts(facts, 'message/rfc822')];
    const fields = reportFields(facts, 'admin@webshield.example.com', 'Delivery Status', [
      ['X-NAI-Header', 'Modified by McAfee'],
    ]);
    return mail(fields, multipart('mixed', parts, '------------Boundary-00=_ABCDEFGHIJKLMNOPQRST'));
  },
});

const surfControl = bounces({
  name: 'SurfControl',
  make: (facts) => {
    const text = `Your message could not be sent.

A transcript of the attempts to send the message follows.

The number of attempts made: 1
Addressed To: ${facts.recipient}

Tue 24 Nov 2026 10:15:30 +0900
Failed to send to identified host,
${facts.recipient}: [198.51.100.7], ${said(facts)}

--- Message non-deliverable.

${originalBelow(facts, '------------ Original header ------------')}`;
    const fields = reportFields(facts, 'SurfControl <postmaster@surf.example.com>', 'Message non-deliverable', [
      ['X-SEF-Processed', '5_0_0_910__2026_11_24_10_15_30'],
      ['X-Mailer', 'SurfControl E-mail Filter'],
    ]);
    return mail(fields, leaf(text, { charset: 'us-ascii' }));
  },
});

const mxLogic = bounces({
  name: 'MX Logic',
  make: (facts) => {
    const text = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  <${facts.recipient}>:
      ${said(facts)}

Included is a copy of the message header:
-----------------------------------------
${facts.attach === 'none' ? '' : originalHeader(facts)}`;
    const fields = reportFields(
      facts,
      'Mail Delivery System <Mailer-Daemon@p02c11m075.mxlogic.example.net>',
      'Mail delivery failed: returning message to sender',
      [
        ['X-MX-Bounce', 'mta/src/queue/bounce'],
        ['X-MXL-NoteHash', '5c1a2b3d-ab12cd34ef56'],
      ],
    );
    return mail(fields, leaf(text));
  },
});

const ironPort = bounces({
  name: 'IronPort (Cisco)',
  sayings: [
    saying(550, '5.1.0', 'Address rejected.', 'invalid_mailbox'),
    saying(550, '5.1.1', '%s user unknown', 'invalid_mailbox'),
    saying(552, '5.2.2', 'mailbox full', 'mailbox_full'),
    saying(
      554,
      '5.7.1',
      "Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
      'sender_blocked',
    ),
  ],
  make: (facts) => {
    const heading = { invalid_mailbox: '5.1.0 - Unknown address error', mailbox_full: '5.2.2 - Mailbox full' };
    const words = heading[facts.reply.class as 'mailbox_full'] ?? '5.3.0 - Other mail system problem';
    return standardReport(facts, {
      ...{
        from: '"Mail Delivery System" <MAILER-DAEMON@esa1.example.com>',
        subject: 'Delivery Status Notification (Failure)',
      },
      text: `The following message to <${facts.recipient}> was undeliverable.
The reason for the problem:
${words} ${facts.reply.code}-'${said(facts).slice(4)}'

`,
      status: {
        mta: 'esa1.example.com',
        addressType: 'rfc822;',
        diagnostic: `smtp; ${words} ('${said(facts).slice(4)}')`.slice(0, 400),
      },
    });
  },
});

const fortiMail = bounces({
  name: 'FortiMail',
  make: (facts) =>
    standardReport(facts, {
      ...{
        from: 'Mail Delivery Subsystem <MAILER-DAEMON@fortimail.example.com>',
        subject: 'Returned mail: see transcript for details',
      },
      text: `The original message was received at ${DATE}
from app.example.jp [192.0.2.10]

   ----- The following addresses had permanent fatal errors -----
<${facts.recipient}>

   ----- Transcript of session follows -----
... while talking to mx.${domainOf(facts.recipient)}.:
<<< ${said(facts)}
`,
      textForm: { type: null },
      status: { mta: 'fortimail.example.com', addressType: 'RFC822; ', more: [`Arrival-Date: ${DATE}`] },
    }),
});

const sophos = bounces({
  name: 'Sophos Email',
  make: (facts) =>
    standardReport(facts, {
      ...{
        from: 'postmaster@sophos.example.com (Mail Delivery System)',
        subject: 'Undelivered Mail Returned to Sender',
      },
      text: `This is the Sophos Email Appliance at host sophos.example.com.

Your message could not be delivered to the following recipients:

<${facts.recipient}>: ${said(facts)}
`,
      status: { mta: 'sophos.example.com', remote: `mx.${domainOf(facts.recipient)}` },
    }),
});

const ofMany = (facts: ReportFacts) => [facts.recipient, `second.${facts.recipient}`, `third.${facts.recipient}`];

/** One report about three recipients, with words alone: each stands on a line of its own. */
const several = bounces({
  name: 'a gateway, several recipients in one',
  make: (facts) => {
    const each = ofMany(facts).map((recipient) => `<${recipient}>:\n  ${said({ ...facts, recipient })}\n`);
    const text = `Your message could not be delivered to the following recipients:\n\n${each.join('\n')}\n`;
    const fields = reportFields(facts, 'Mail Gateway <postmaster@gw.example.com>', 'Undeliverable mail');
    return mail(fields, multipart('mixed', [leaf(text), ...originalParts(facts, 'message/rfc822')]));
  },
});

/** Gateways and filters of the world. */
export const gatewayKinds: readonly JapanKind[] = [
  ...[mailMarshal, mimeSweeper, ...barracuda, ...mimecast, proofpoint, messageLabs, mcAfee, surfControl],
  ...[mxLogic, ironPort, fortiMail, sophos, several],
];
