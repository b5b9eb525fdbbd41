import { reports } from './report-fixture.ts';

/** What servers and mail systems say of the sender, of the message, and of the ways between. */
export const senderReports = reports(`
throttled
  421 4.7.0 Too many connections from your host
  452 4.3.2 Connection rate limit exceeded. (in reply to MAIL FROM command)
  450 4.2.0 <a@example.com>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.com.html
  451 4.7.1 Greylisting in action, please come back later
  421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes ‖ @yahoo.com
  450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time. ‖ @gmail.com
  550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. ‖ @gmail.com
  550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852
  451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS761)
  550 5.2.121 Recipient's per hour message receive limit from specific sender exceeded
  452 4.5.3 Too many recipients
  552 too many recipients ‖ @docomo.ne.jp
  421 4.7.1 Messages to a@icloud.com deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137 ‖ @icloud.com
  451 4.7.1 <mx.example.org[192.0.2.2]>: Client host rejected: Please try again slower
  421 mwinf5c79 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR005_104 [104] ‖ @orange.fr
  Throttling failure: Maximum sending rate exceeded
  450 4.7.1 Error: too much mail from 192.0.2.1, too many messages in a short time
  550 This IP has sent too many messages this hour. IB504
  421 too many messages for this session ‖ @softbank.ne.jp
  短時間に大量のメールが送信されたため一時的に制限しています
  サーバが混雑しています。しばらくしてから再送してください。
  - ‖ 4.3.2
  421

sender_auth
  550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's 550-5.7.26 DMARC policy. Please contact the administrator of example.com domain
  550 5.7.23 The message was rejected because of Sender Policy Framework violation
  550 5.7.1 Email rejected per DMARC policy for example.org
  550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.
  550 SPF Sender Invalid - envelope rejected - https://community.mimecast.com/docs/DOC-1369#550
  553 5.1.8 <b@example.com>... Domain of sender address b@example.com does not exist
  450 4.1.8 <b@example.com>: Sender address rejected: Domain not found
  550 Sender verify failed
  550-Verification failed for <b@example.com> 550 Sender verify failed
  530 5.7.0 Must issue a STARTTLS command first
  530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
  553 <example.com> does not exist ‖ @softbank.ne.jp
  550 5.7.30 This mail has been blocked because DKIM does not pass. ‖ @gmail.com
  571 5.7.1 Message refused, DMARC verification Failed. Message refuse, verification DMARC en echec LPN007_517 ‖ @laposte.net
  554 5.7.5 Permanent Error Evaluating DMARC Policy
  535 5.7.8 Error: authentication failed: authentication failure
  550 example.com From: Domain is invalid. Please provide a valid From: IB506
  送信ドメイン認証に失敗しました
  SPF認証に失敗したため受信を拒否しました
  - ‖ 5.7.26

sender_blocked
  554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1
  550 5.7.1 Service unavailable; client [192.0.2.1] blocked using Spamhaus LPNAAA_101 ‖ @laposte.net
  550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). ‖ @hotmail.com
  550-5.7.1 [192.0.2.1] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address. ‖ @gmail.com
  550-5.7.25 The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS entry does not point to the sending IP. ‖ @gmail.com
  450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]
  504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
  550 5.7.1 Message content rejected, UBE, id=00000-00-000
  550 This message was classified as SPAM and may not be delivered
  554 5.7.1 The message was rejected as spam ‖ @zoho.com
  553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html ‖ @yahoo.com
  553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed. ‖ @yahoo.com
  550 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1
  550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/
  553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)
  550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550
  554 5.7.1 Mail from your domain is not accepted; sender is blacklisted
  Connected to 192.0.2.1 but sender was rejected. Remote host said: 550 5.7.1 Access denied
  554 rejected due to spam content
  554 5.7.1 This message has been blocked because it contains a suspicious link: phishing
  550 cxr.cox.net Connection refused - AUP#CXBL ‖ @cox.net
  554 charter.net ESMTP server not available AUP#I-1000 ‖ @charter.net
  550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137 ‖ @icloud.com
  迷惑メールと判定されたため拒否しました
  送信元IPアドレスがブラックリストに登録されています
  - ‖ 5.7.1
  550 ‖ after mail

content
  552 5.3.4 Message size exceeds fixed limit
  552 5.2.3 Your message exceeded Google's message size limits.
  552 Message size exceeds maximum permitted
  message size 21000000 exceeds size limit 10240000 of server mx.example.com[192.0.2.1] ‖ 5.3.4
  550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
  sorry, that message size exceeds my databytes limit (#5.3.4)
  Mail size limit exceeded. For explanation visit http://postmaster.1and1.com/en/error-messages?ip=192.0.2.1
  552-5.7.0 This message was blocked because its content presents a potential security issue. ‖ @gmail.com
  552 5.7.0 Our system detected an illegal attachment on your message.
  550 5.7.1 Message contains a virus: Eicar-Test-Signature
  554 5.6.0 Mail message is malformed. Not accepted.
  550-5.7.1 This message is not RFC 5322 compliant. 550 5.7.1 duplicate header
  554 5.7.0 Header error
  550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds
  554 Message not allowed - [PH01] Email not accepted for policy reasons. ‖ @yahoo.com
  552 Virus infected message rejected. IB705
  500 Line too long ‖ @docomo.ne.jp
  メッセージのサイズが大きすぎます
  添付ファイルからウイルスが検出されました
  メールサイズが制限値を超えています
  - ‖ 5.6.0

network
  connect to mx.example.com[192.0.2.1]:25: Connection refused
  lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting ‖ 4.4.2
  Host or domain name not found. Name service error for name=mx.example.com type=MX: Host not found, try again ‖ 4.4.3
  554 5.4.6 Too many hops 27 (25 max)
  550 5.4.14 Hop count exceeded - possible mail loop
  mail forwarding loop for a@example.com ‖ 5.4.6
  This message is looping: it already has my Delivered-To line. (#5.4.6)
  Cannot start TLS: handshake failure ‖ 4.7.5
  TLS is required, but was not offered by host mx.example.com[192.0.2.1] ‖ 5.7.4
  450 4.7.320 Certificate validation failed
  Temporary failure in MX lookup
  Network error on destination MXs
  554 5.4.6 Message exceeded 50 hops, this may indicate a mail loop. ‖ @gmail.com
  宛先サーバーに接続できませんでした
  - ‖ 5.4.6

expired
  connect to mx.example.com[192.0.2.1]:25: Connection timed out ‖ 4.4.1
  Sorry, I wasn't able to establish an SMTP connection. (#4.4.1) I'm not going to try again; this message has been in the queue too long.
  retry timeout exceeded
  retry time not reached for any host after a long failure period
  all hosts for example.com have been failing for a long time (and retry time not reached)
  550 4.4.7 QUEUE.Expired; message expired
  550 5.4.300 Message expired -> 451 4.4.0 Primary target IP address responded with an error
  550 5.4.316 Message expired, connection refused(Socket error code 10061)
  Delivery time expired
  Envelope expired
  Your message was not delivered within 1 days and 0 hours. Remote host is not responding. ‖ @ezweb.ne.jp
  Message could not be delivered for 5 days. Message will be deleted from queue ‖ 4.4.7
  <a@example.com>... Deferred: Connection timed out with mx.example.com. Message could not be delivered for 2 days ‖ 4.4.7
  5.4.7 - Delivery expired (message too old) 'timeout' (delivery attempts: 68)
  delivery retry timeout exceeded
  Delivery failed 20 attempts: a@example.com
  Warning: could not send message for past 4 hours
  配送期限切れのため配信を中止しました
  72時間以内に配信できませんでした
  - ‖ 4.4.7

system
  554 5.7.1 <a@example.com>: Relay access denied
  550 5.7.1 Unable to relay
  550 5.7.1 <a@example.com>... Relaying denied. Proper authentication required.
  553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
  550 5.7.64 TenantAttribution; Relay Access Denied
  mail for example.com loops back to myself ‖ 5.4.6
  553 5.3.5 system config error
  local configuration error
  554 5.3.0 unknown mailer error 255
  command died with status 1: "/usr/bin/procmail" ‖ 5.3.0
  Command died with signal 6: "/usr/local/bin/filter"
  452 4.3.1 Insufficient system storage
  452 4.3.1 Insufficient system resources
  451 4.3.0 Error: queue file write error
  Unable to contact LDAP server. (#4.4.3)
  501 5.5.4 Syntax error in parameters or arguments
  503 Bad sequence of commands
  550 5.1.4 RESOLVER.ADR.Ambiguous; ambiguous address
  User a (a@example.com): Several matches found in Domino Directory
  サーバーの設定エラーが発生しました
  中継が許可されていません
  - ‖ 5.3.0

undetermined
  -
  This is an automatically generated Delivery Status Notification.
  550 Zarathustra
  - ‖ 5.0.0
`);
