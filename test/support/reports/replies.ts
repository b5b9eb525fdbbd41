import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import type { Reply } from './facts.ts';

/**
 * What servers say, as their manuals, help pages and sources have it, and what each means to us. `%s` stands for the
 * recipient. Lines that begin with three digits are replies, which any system may hand on; the others, and those with a name
 * before them, are words of that mail system itself.
 */
const said: Partial<Record<FailureClass, string>> = {
  invalid_mailbox: `
    550 5.1.1 <%s>: Recipient address rejected: User unknown in virtual mailbox table
    550 5.1.1 <%s>: Recipient address rejected: User unknown in local recipient table
    550 5.1.1 <%s>: Recipient address rejected: User unknown in relay recipient table
    550 5.1.1 <%s>: Recipient address rejected: undeliverable address: unknown user
    550 5.1.1 <%s>... User unknown
    553 5.3.0 <%s>... No such user here
    550 5.1.1 <%s> User doesn't exist: %s
    550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. For more information, go to https://support.google.com/mail/?p=NoSuchUser af79cd13be357-7c95b2si1234567485a.212 - gsmtp
    550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [DB3EUR04FT047.eop-eur04.prod.protection.outlook.com]
    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient %s not found by SMTP address lookup
    550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
    550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [TYZAPC01FT004.eop-APC01.prod.protection.outlook.com 2026-05-12T01:23:45.123Z]
    550 Requested action not taken: mailbox unavailable
    550 No such user here
    550 No Such User Here
    550 Unknown user %s
    550 Invalid recipient: <%s>
    550 <%s>: User unknown
    550 5.1.1 <%s> recipient rejected
    550 unknown user
    550 sorry, no mailbox here by that name (#5.1.1 - chkuser)
    511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
    554 delivery error: dd This user doesn't have a yahoo.co.jp account (%s) [0] - mta1234.mail.djm.yahoo.co.jp
    552 1 Requested mail action aborted, mailbox not found
    554 delivery error: dd Not a valid recipient - atlas-production.v2-mail-prod1-gq1.omega.yahoo.com
    550 5.1.1 unknown or illegal alias: %s
    550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550
    550 5.1.1 User Unknown
    550 #5.1.0 Address rejected.
    550 5.1.0 Address rejected
    550 5.1.0 <%s>: Recipient unknown
    550 Address rejected %s
    550 5.1.1 Mailbox does not exist
    550 5.1.1 sorry, no such mailbox
    550 5.1.1 %s is not a valid mailbox
    550 Not our Customer
    550 Mailbox not found
    550 5.1.6 <%s> recipient no longer on server
    550 5.1.6 The user has moved, please see their new address
    550 %s... mailbox not local or mailbox name is incorrect
    550 5.7.1 No such user!
    550 5.1.1 <%s>: Email address could not be found, or was misspelled (G8)
    550 RCPT TO:<%s> User unknown
    550 Recipient not found
    550 There is no such user here
    550 5.1.1 ユーザーが見つかりません
    550 5.1.1 宛先のメールアドレスは存在しません
    [postfix] User unknown in local recipient table
    [exim] unknown user: "%s"
    [qmail] Sorry, no mailbox here by that name. (#5.1.1)
    550 5.1.1 <%s>: Recipient address rejected: User unknown in virtual alias table
    550 5.7.1 <%s>: Recipient address rejected: Unknown user
    550 MAILBOX NOT FOUND
    554 Invalid recipient %s (Mode: normal)
    550 5.1.1 <%s>: user does not exist
    550 5.1.1 Invalid mailbox: %s
    550 #5.1.0 Address rejected %s
    554 5.1.1 unknown or illegal alias: %s
    550 5.1.1 No such recipient here
    550 5.1.1 user [%s] unknown
    550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
    550 5.4.1 [%s]: Recipient address rejected: Access denied [BN8NAM11FT041.eop-nam11.prod.protection.outlook.com]
    550 5.4.1 All recipient addresses rejected : Access denied
    553 5.1.1 unknown or illegal user: %s
    550 Administrative prohibition - user %s does not exist
    550 Callout verification failed: 550 unknown user
    550 %s is not a known user on this system
    551 not our user
    550 This user doesn't exist
    501 5.1.3 Bad recipient address syntax
    553 5.1.3 <%s>... Invalid route address
    550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 [416]
    550 Requested action not taken: mailbox not found
    550 5.0.0 User unknown
    550 ご指定の宛先は見つかりませんでした
    550 No account by that name here
    550 5.1.1 Address unknown`,
  invalid_domain: `
    550 5.1.2 <%s>: Bad destination mailbox address: Host unknown
    550 5.1.2 <%s>... Host unknown (Name server: mail.example.jp.: host not found)
    [postfix] Host or domain name not found. Name service error for name=mail.example.jp type=A: Host not found
    [postfix] Host or domain name not found. Name service error for name=mail.example.jp type=MX: Host not found
    [postfix] Host found but no data record of requested type: Name service error for name=mail.example.jp type=A
    [postfix] Domain mail.example.jp does not accept mail (nullMX)
    [qmail] Sorry, I couldn't find any host named mail.example.jp. (#5.1.2)
    [sendmail] Host unknown (Name server: mail.example.jp.: host not found)
    [google] DNS Error: DNS type 'mx' lookup of mail.example.jp responded with code NXDOMAIN Domain name not found: mail.example.jp
    550 5.4.310 DNS domain mail.example.jp does not exist [Message=InfoDomainNonexistent] [LastAttemptedServerName=mail.example.jp]
    556 5.1.10 <%s>: Recipient address has null MX
    550 5.4.4 Invalid domain name
    550 5.1.2 No such domain
    550 unknown domain mail.example.jp
    [exim] all host address lookups failed permanently
    [exim] an MX or SRV record indicated no SMTP service
    [courier] no mail exchanger found for mail.example.jp: domain does not exist
    550 5.1.2 <%s>: Recipient address rejected: Domain not found
    450 4.1.2 <%s>: Recipient address rejected: Domain not found
    550 Domain does not exist
    550 5.1.2 Unknown host
    [gateway] Illegal host/domain name found. (TCP active open: Failed gethostbyname() on mail.example.jp, resolver errno = 1)
    550 5.1.10 Recipient domain has a null MX
    501 5.1.8 domain mail.example.jp does not accept mail`,
  owner_changed: `
    550 5.7.17 <%s>: Mailbox owner has changed
    550 5.7.18 <%s>: Domain owner has changed`,
  recipient_filter: `
    550 5.2.0 Mail rejected by recipient's filter
    554 5.2.0 Message rejected by the recipient's personal filter rules
    550 5.7.1 RESOLVER.RST.AuthRequired; authentication required [Stage: CreateMessage]
    550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized
    550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group
    550 5.7.124 RESOLVER.RST.NotAuthorized; sender not in allowed-senders list
    550 You have been blocked by the recipient
    550 5.7.1 The recipient does not accept mails from this sender: you are not on the whitelist of the recipient
    550 5.1.4 <%s>: mail refused by the user's settings
    550 受信者の設定により受信を拒否しました
    550 5.7.1 Your message was rejected by the recipient. The sender is not in the allow list
    554 5.7.1 The recipient has chosen not to receive mail from you
    550 Your address is blocked by the recipient's settings
    550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required`,
  mailbox_full: `
    552 5.2.2 <%s>: Recipient address rejected: Mailbox full
    552 5.2.2 Over quota
    452 4.2.2 <%s> Mailbox full
    552 5.2.2 This account is over quota
    452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp d2e1a72fcca58-7423771si123456b3a.1 - gsmtp
    552 5.2.2 The email account that you tried to reach is over quota and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm - gsmtp
    554 5.2.2 mailbox full; STOREDRV.Deliver; storage quota exceeded
    554 5.2.2 STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; Failed to process message due to a permanent exception
    550 5.2.2 <%s>: user is over quota
    550 5.1.1 <%s>: Quota exceeded (mailbox for user is full)
    550 5.7.1 <%s>: Recipient address rejected: Mailbox is over quota
    552 Too much mail data
    552 Requested mail action aborted: exceeded storage allocation
    554 delivery error: dd Sorry, your message to %s cannot be delivered. This account is over quota.
    422 The recipient's mailbox is over its storage limit
    452 4.2.2 <%s>: insufficient space in the mailbox, quota exceeded
    [exim] can't create user output file: Disc quota exceeded
    [exim] maildir delivery failed: Quota exceeded, mailbox for user is full
    [qmail] Sorry, the user's mailbox has exceeded its quota. (#5.2.2)
    552 メールボックスの容量を超えています
    552 5.2.2 メールボックスがいっぱいです
    [gateway] User's mailbox is full: the mailbox size limit has been reached
    552 5.2.2 Mailbox size limit exceeded
    452 4.3.1 <%s>: mailbox full
    550 Mailbox quota exceeded / Mailbox voll.
    552 RCPT TO:<%s> Mailbox disk quota exceeded
    550 %s has exceeded his/her disk space limit.
    452 4.1.1 %s 4.2.2 mailbox full
    552 5.7.1 %s mailbox is full
    553 5.2.2 %s : sorry, user over quota
    422 4.2.2 The recipient has exceeded their limit for the amount of email they can store
    550 5.2.2 容量オーバーのため受信できません
    554 5.2.2 mailbox full;432.B:Mailbox size exceeded
    550 account is full (quota limit exceeded)`,
  mailbox_suspended: `
    550 5.2.1 The email account that you tried to reach is disabled. For more information, go to https://support.google.com/mail/?p=DisabledUser 41be03b00d2f7-si1234 - gsmtp
    450 4.2.1 The user you are trying to contact has been temporarily suspended
    550 5.0.0 The user(s) account is disabled.
    550 The user(s) account is temporarily limited.
    550 5.2.1 <%s>: account is suspended
    550 5.2.1 Mailbox disabled for this recipient
    525 5.7.13 <%s>: User account is disabled
    550 5.2.1 mailbox temporarily disabled: %s
    554 5.7.1 <%s>: Recipient address rejected: this account has been suspended
    554 delivery error: dd This account has been temporarily suspended. Please try again later. [-9]
    550 5.2.1 <%s>: this mailbox is inactive
    550 5.2.1 <%s>: inactive email address
    550 This address no longer accepts mail.
    550 Account locked
    550 5.7.1 <%s>: Recipient address rejected: this mailbox has been suspended
    554 5.2.1 mailbox disabled, not accepting messages
    550 5.2.1 Account inactive
    550 User suspended
    450 4.2.1 <%s>: user mailbox is inactive
    554 5.7.1 <%s>: Recipient address rejected: Account expired`,
  throttled: `
    421 4.7.0 Try again later, closing connection
    421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited. gsmtp
    450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. gsmtp
    450 4.2.0 <%s>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.html
    451 4.7.1 Greylisting in action, please come back later
    451 4.7.1 <%s>: Recipient address rejected: Greylisting in effect, please come back in 5 minutes
    421 4.3.2 Service not available, please try again later
    421 RP-001 (SNT004-MC2F4) Unfortunately, some messages from 192.0.2.10 weren't sent. Please try again. We have limits for how many messages can be sent per hour and per day.
    421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints
    452 4.5.3 Too many recipients
    421 4.4.5 Too many connections, try later
    450 4.7.1 <%s>: Recipient address rejected: too many messages in a short time
    421 Too many concurrent SMTP connections; please try again later.
    450 4.3.2 Rate limit exceeded, please slow down
    451 4.3.0 Server busy, please try again later
    451 4.7.0 Temporary server error. Please try again later. PRX2
    450 4.2.0 <%s>: Recipient address rejected: Greylisted for 300 seconds
    451 4.7.1 Please try again later
    421 4.7.1 Too many messages from your IP, slow down
    452 4.2.1 The recipient is receiving mail too quickly right now, please try again later
    451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (S77719)
    421 too many errors from your ip
    450 4.7.0 Mail rate exceeded limit
    454 4.7.0 too many concurrent connections from this host`,
  sender_auth: `
    550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. gsmtp
    550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy. Please contact the administrator of example.com domain. gsmtp
    550 5.7.1 Email rejected per DMARC policy for example.com
    550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.1 SPF unauthorized mail is prohibited
    550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject
    550 5.7.1 <notice-return@bounce.example.com>: Sender address rejected: SPF fail - not authorized
    554 5.7.5 Permanent error evaluating DMARC policy
    550 5.7.20 No passing DKIM signature found
    450 4.1.8 <notice-return@bounce.example.com>: Sender address rejected: Domain not found
    553 5.1.8 <notice-return@bounce.example.com>... Domain of sender address notice-return@bounce.example.com does not exist
    550 SPF check failed: 192.0.2.10 is not allowed to send from bounce.example.com
    550 5.7.515 Access denied, sending domain example.com doesn't meet the required authentication level
    550 5.7.1 SPF MAIL FROM check failed
    550 5.7.1 Rejected due to DMARC policy of sending domain (p=reject)
    550 5.7.27 SPF hard fail
    550 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes DMARC
    421 4.7.26 Your email has been rate limited because it is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.
    550 Sender verify failed
    550 5.1.8 Access denied, bad sender: sender domain does not resolve
    550 5.7.1 DKIM signature verification failed`,
  sender_blocked: `
    554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10
    554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using b.barracudacentral.org; http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.10
    550 5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. gsmtp
    550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.com/
    550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). [AM0EUR02FT012.eop-EUR02.prod.protection.outlook.com]
    554 5.7.1 Message rejected as spam by Content Filtering.
    550 5.7.25 The IP address sending this message does not have a PTR record setup. gsmtp
    450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]
    554 5.7.1 [192.0.2.10] Connection refused due to poor reputation
    550 5.7.1 Your IP address is listed in our blacklist
    550 This message was classified as SPAM and may not be delivered
    554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means.
    554 5.7.1 You are not allowed to connect.
    553 Mail from 192.0.2.10 not allowed - 5.7.1 [BL23] Connections not accepted from IP addresses on Spamhaus XBL
    550 Message refused by policy: sender is on a blocklist
    550 5.7.1 迷惑メールと判定されたため受信できません
    550 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.10 (AS16012609)
    554 5.7.1 This message has been blocked because it is from a RBL/DNSBL listed IP address
    554 Denied [CS] - http://mcafee.com/ [ip is listed on reputation service]
    521 5.2.1 : AOL will not accept delivery of this message. (RLY:B1) your IP is blocked
    550 5.7.350 Remote server returned message detected as spam -> 554 Message rejected as spam
    550 Blocked by SpamAssassin
    550 High probability of spam
    550 5.7.1 [192.0.2.10] The IP you're using to send mail is not authorized to send email directly to our servers. gsmtp
    450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]
    554 rejected due to spam URL in content
    550 5.7.1 Mail appears to be unsolicited
    553 5.3.0 192.0.2.10 DNSBL:ATTRBL 521< >_is_blocked. For assistance forward this error to abuse_rbl@abuse-att.net
    550 JunkMail rejected - (relay1.example.net) [192.0.2.10] is in an RBL`,
  content: `
    552 5.3.4 Message size exceeds fixed limit
    552 5.3.4 Message too big for system
    552 5.2.3 Message length exceeds administrative limit
    550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
    554 5.7.1 The message contains a virus: Eicar-Test-Signature
    550 5.7.1 Virus detected: message infected and refused
    554 5.6.0 Message contains invalid header
    550 5.6.0 Message rejected: malformed MIME
    552 5.7.0 This message was blocked because its content presents a potential security issue. Please visit https://support.google.com/mail/?p=BlockedMessage to review our message content and attachment content guidelines. gsmtp
    554 5.6.1 Body type not supported by Remote Host
    550 5.7.1 Message contains a prohibited attachment type
    550 5.7.1 [192.0.2.10] Messages missing a valid address in From: header, or having no From: header, are not accepted. gsmtp
    552 サイズが大きすぎます
    [postfix] message size 41943040 exceeds size limit 10485760 of server mx1.mail.example.jp[192.0.2.25]
    552 5.3.4 Error: message file too big
    554 5.3.4 Message exceeds maximum fixed size (26214400)
    550 5.7.1 message content rejected
    552 5.7.0 Our system detected an illegal attachment on your message.
    550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds
    550 Rejected: message contains a virus (Heuristics.Phishing)
    554 5.7.1 Blocked attachment type
    523 the message size exceeds the recipient's limit
    550 5.7.1 Message does not conform to RFC 5322: missing Date header`,
  network: `
    [sendmail] Connection timed out with mx1.mail.example.jp.
    [sendmail] Connection refused by mx1.mail.example.jp.
    [postfix] connect to mx1.mail.example.jp[192.0.2.25]:25: Connection timed out
    [postfix] connect to mx1.mail.example.jp[192.0.2.25]:25: Connection refused
    [postfix] connect to mx1.mail.example.jp[192.0.2.25]:25: No route to host
    [postfix] conversation with mx1.mail.example.jp[192.0.2.25] timed out while receiving the initial server greeting
    [postfix] lost connection with mx1.mail.example.jp[192.0.2.25] while sending RCPT TO
    [postfix] Cannot start TLS: handshake failure
    [google] The recipient server did not accept our requests to connect. Learn more at https://support.google.com/mail/answer/7720 [mx1.mail.example.jp. 192.0.2.25: timed out]
    [exim] SMTP error from remote mail server after initial connection: Connection reset by peer
    [qmail] Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
    554 5.4.6 Too many hops
    554 5.4.14 Hop count exceeded - possible mail loop ATTR34
    554 5.4.6 Hop count exceeded - possible mail loop
    [qmail] Connected to 192.0.2.25 but connection died. (#4.4.2)
    [exim] host lookup did not complete
    [postfix] lost connection with mx1.mail.example.jp[192.0.2.25] while performing the EHLO handshake
    [postfix] Name service error for name=mail.example.jp type=MX: Host not found, try again
    450 4.4.3 Host name lookup failure
    554 5.4.0 Error: too many hops
    [exchange] 550 5.4.312 Message expired, DNS query failed(ServerFailure)`,
  expired: `
    [exchange] 550 4.4.7 QUEUE.Expired; message expired
    [exchange] 550 5.4.317 Message expired, connection reset
    [exim] retry timeout exceeded
    [sendmail] Message could not be delivered for 5 days. Message will be deleted from queue
    [qmail] I'm not going to try again; this message has been in the queue too long.
    [exchange] 550 5.4.300 Message expired, unable to deliver in 840 minutes: 421 4.4.2 Connection lost
    [exim] retry time not reached for any host after a long failure period
    [exim] all hosts for 'mail.example.jp' have been failing for a long time (and retry time not reached)
    [domino] Delivery time expired`,
  system: `
    [postfix] mail for mail.example.jp loops back to myself
    554 5.7.1 <%s>: Relay access denied
    550 5.7.1 Unable to relay for %s
    550 5.7.1 <%s>... Relaying denied
    553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
    550 relay not permitted
    554 5.3.0 unknown mailer error 1
    554 5.3.5 Local configuration error
    452 4.3.1 Insufficient system storage
    452 4.3.1 Insufficient system resources
    [exim] can't create user output file. Command output: procmail: Couldn't create "/var/mail/user"
    [postfix] Command died with status 1: "/usr/local/bin/deliver". Command output: Fatal error
    500 5.5.1 Command unrecognized
    503 5.5.1 Error: need MAIL command
    550 5.7.1 Relaying not allowed
    554 Relay rejected for policy reasons: relaying denied
    550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain
    550 5.7.64 TenantAttribution; Relay Access Denied
    [postfix] Command time limit exceeded: "/usr/bin/procmail"
    451 4.3.5 Server configuration problem
    452 4.3.1 Out of disk space
    501 5.5.4 Syntax error in parameters`,
  undetermined: `
    554 5.0.0 Message not accepted for reasons that we do not tell
    554 Transaction failed`,
};

const LINE = /^(?:\[(\w+)\] )?(?:(\d{3}) )?(?:([245]\.\d{1,3}\.\d{1,3}) )?(.*)$/;

function readReply(line: string, of: FailureClass): Reply {
  const [, by, code, status, text] = LINE.exec(line) ?? [];
  return {
    code: code === undefined ? null : Number(code),
    status: status ?? null,
    text: text ?? '',
    class: of,
    ...(by === undefined ? {} : { by }),
  };
}

/** All replies; each class that a report can give has some. */
export const replies: readonly Reply[] = Object.entries(said).flatMap(([of, lines]) =>
  lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => readReply(line, of as FailureClass)),
);
