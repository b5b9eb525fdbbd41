import { reports } from './report-fixture.ts';

/** Written after the rules and without a look at them: 267 of the first 307 were read right at first. */
export const unseenReports = reports(`
invalid_mailbox
  The error that the other server returned was: 550 550 Unknown user a@example.jp (state 14).
  メール配信エラー: 送信者へ返送します。宛先不明
  550 5.1.1 <a@example.com>: User unknown (sender verified, SPF pass)
  The message was sent from an address of example.jp, but the recipient address was not found on the server of the recipient.
  リモート サーバーから次の応答がありました: 550 5.1.1 宛先が存在しません
  メールサーバーからの応答: 550 5.1.1 User unknown
  Your message was rejected by mx.example.jp with error: User unknown in virtual alias table
  Error from domain example.jp: mailbox does not exist
  SMTP server mx.example.jp answered 550 user not found
  mail server at mx.example.jp rejected the address: unknown user
  The remote mail server told us that the user is unknown
  Returned to sender: unknown user
  Mail delivery failed: returning message to sender User unknown
  Response from mx.example.jp: 550 unknown user
  The response from the remote server was: 550 5.1.1 User unknown
  550-5.1.1 <a@example.com>: Email address does not exist here 550 5.1.1 Please check spelling
  host mx1.example.com[192.0.2.1] said: 550 5.1.1 <a@example.com> User doesn't exist: a@example.com (in reply to RCPT TO command)
  550 5.1.1 a@example.com recipient unknown
  550 Recipient unknown to this server
  550 Address unknown
  554 5.1.1 The email address you are trying to reach is not registered with us
  SMTP error from remote mail server after RCPT TO:<a@example.com>: 550 No Such User Here"
  SMTP error from remote mail server after RCPT TO:<a@example.com>: 550-Previous (cached) callout verification failure
  550 "Unknown User"
  550 a@example.com unknown user account
  550 5.1.1 <a@example.com>: User unknown; rejecting ‖ @me.com
  550 5.1.1 The e-mail account that you tried to contact is not known here
  550 Invalid address: no mailbox of that name
  550 5.0.0 <a@example.net> The account does not exist on this system.
  554 5.7.1 No such mailbox exists (in reply to RCPT TO command)
  550 5.1.1 <a@t-online.de>: no such user at this domain ‖ @t-online.de
  550 Requested action not taken: mailbox unavailable For explanation visit http://postmaster.gmx.com/en/error-messages?ip=192.0.2.1&c=rcpt ‖ @gmx.net
  550 User [a@example.com] not known
  550 RCPT TO:<a@example.kr> User unknown ‖ @naver.com
  550 5.1.1 Recipient does not exist / El destinatario no existe
  Recipient address reserved or unknown: a@example.com; user not found in LDAP directory
  a@example.com: user lookup success but no user record found
  550 5.1.1 Mail to this address is not deliverable: no such person at this organization
  The recipient name is not recognized
  The e-mail account does not exist at the organization this message was sent to. Check the e-mail address, or contact the recipient directly to find out the correct address.
  a@example.com wasn't found at example.com.
  This message was created automatically by mail delivery software. No Such Person at this address.
  550 mailbox <a@example.com> is not a known mailbox
  550 not found: a@example.com
  delivery error: dd Not a valid recipient - a@example.com
  550 5.1.1 This mailbox has been closed permanently
  550 <a@example.com> is no longer with the company
  550 5.1.1 sorry, that recipient doesn't exist
  ERR_RCPT_UNKNOWN 550 The specified recipient could not be located
  メールアドレスが存在しないため配信できませんでした
  550 指定されたユーザはこのサーバには存在しません
  次の宛先は見つかりませんでした: a@example.jp
  該当するユーザーはおりません
  お送りいただいたメールは、宛先のアドレスに誤りがあるためお届けできませんでした。
  このアドレスは無効になっております (退会済み)
  550 Пользователь не найден
  550 5.1.1 destinatario desconocido
  smtp; 550 5.1.1 <a@example.com>... Recipient unknown, or not accepting mail ‖ 5.1.1
  smtp;550 5.1.1 unknown or illegal user: a@example.com ‖ 5.1.1
  X-Postfix; unknown user: "a" ‖ 5.1.1
  550 No such recipient here ‖ 5.0.0
  550 Sorry - user not found: a@example.com
  The following addresses had permanent fatal errors ----- <a@example.co.jp> (reason: 550 5.1.1 <a@example.co.jp>... User unknown) ----- Transcript of session follows ----- ... while talking to mx.example.co.jp.: >>> DATA <<< 550 5.1.1 <a@example.co.jp>... User unknown 550 5.1.1 <a@example.co.jp>... User unknown <<< 503 5.0.0 Need RCPT (recipient) ‖ 5.1.1
  550 <a@example.ne.jp>: Recipient address rejected: undeliverable address: host mx.example.ne.jp[192.0.2.1] said: 550 no such user (in reply to RCPT TO command) ‖ 5.1.1
  554 Invalid recipient a@example.com (Mode: normal)
  host 192.0.2.1[192.0.2.1] said: 550 5.1.1 This recipient e-mail address was not found (in reply to RCPT TO command) ‖ 5.1.1
  554 5.1.1 mailbox name not allowed: user does not exist
  553 5.1.1 Sorry, no recipient of that name here
  550 The user or mailing list does not exist
  5.1.1 (bad destination mailbox address) ‖ 5.1.1
  Recipient email address is possibly incorrect
  a@example.com: does not like recipient. Remote host said: 553 5.1.1 Unknown recipient a@example.com
  550 5.1.1 Delivery failed: The destination mailbox is not available; unknown recipient
  Undelivered: unknown address a@example.com
  554 5.4.14 User account deleted
  550-User (a@example.com) unknown.
  Benutzer unbekannt
  550 Cette adresse email est inconnue sur nos serveurs
  550 메일주소가 존재하지 않습니다
  550 5.1.1 收件人地址不存在
  メールアドレスに該当するユーザがいません
  宛先アドレスが無効です。
  お客様の指定されたメールアドレスは見当たりません
  送信先のメールアドレスは、すでに使われていないか誤っています。
  a@example.jp は配信先サーバーで見つかりませんでした

invalid_domain
  550-The mail server could not deliver mail to a@example.com. The account or domain may not exist, they may be blacklisted, or missing the proper dns entries.
  Name server lookup: no such domain example.cat
  Domain name not found: example.cat
  unrouteable mail domain "example.cat"
  SMTP connection failed: could not resolve host mail.example.cat: Name or service not known
  550 5.1.2 <a@example.cat>: Domain does not exist; DNS lookup returned NXDOMAIN
  The domain example.cat could not be found.
  The recipient's e-mail domain doesn't exist: example.cat
  bad host name: example.cat
  The DNS server has no record of the domain; mail host unknown
  宛先のドメイン名が間違っているか、存在しません。
  宛先メールサーバが見つかりません
  5.4.4 (unable to route: no mail hosts for domain)
  Recipient domain has null MX record
  Requested domain is not found ‖ 5.1.2
  bad-domain: hard bounce, no MX or A records for example.cat
  Unable to resolve MX host example.cat ‖ 5.4.4
  host example.cat could not be found (DNS: no such host)
  The email address domain name could not be resolved
  501 <a@example.cat>: domain missing or invalid; recipient domain not valid
  The recipient domain does not exist: example.cat
  illegal host/domain name found
  宛先ドメインを解決できません

recipient_filter
  The error that the other server returned was: 550 550 Unknown user a@example.jp (state 18).
  550 5.2.1 <a@docomo.ne.jp> 受信拒否
  550 Your message was blocked by the recipient's personal filter
  550 5.7.1 Recipient has blocked your address
  Message rejected: the user has chosen not to receive mail from you
  You don't have permission to send to this recipient. For assistance, contact your system administrator.
  Your message can't be delivered because delivery to this address is restricted.
  The group only accepts messages from people in its organization or on its allowed senders list, and your email address isn't on the list.
  554 5.7.1 Message rejected: sender not in recipient's accept list
  550 we only accept mail from subscribers of this list
  We're writing to let you know that the group you tried to contact (example) may not exist, or you may not have permission to post messages to the group.
  迷惑メール設定によりお客様が受信を拒否しています
  受信者により着信が拒否されました。
  指定受信設定により受信できません
  554 5.7.1 Recipient does not accept mail from your address
  550 5.7.1 Your address is on the recipient's block list
  550 Message blocked by customer whitelist rules: sender is not in the recipient list of accepted senders
  The recipient has a challenge-response filter
  The message you sent to the mailing list was rejected because you are not a member of the list
  5.7.1 RESOLVER.RST.AuthRequired; authentication required ‖ 5.7.1
  a@example.com is configured to only receive mail from approved senders
  相手先のメールアドレスで受信拒否されています
  受信者が許可していない送信者のため
  ドメイン指定受信により拒否されました

mailbox_full
  Delivery expired after 5 days. Last response: 452 4.2.2 over quota
  サーバーの応答: 552 5.2.2 メールボックスがいっぱいです
  host mx.example.jp refused message from sender because mailbox is full
  This message is larger than the current system limit or the recipient's mailbox is full. Create a shorter message body or remove attachments and try sending it again.
  552 5.2.2 <a@example.com>: Sorry, mail box is over its limit
  450 4.2.2 Recipient mailbox exceeds quota
  550 5.2.2 Over quota
  552 Account is full (quota limit exceeded)
  Message delivery failed: user has exhausted allowed storage space
  452 4.2.2 The recipient's mailbox does not have enough free space to accept the message
  552 5.2.2 Deposit refused: not enough space in mailbox
  554 Transaction failed: a@example.com mailbox storage exceeded
  552 5.7.0 The recipient exceeded its quota for storing messages
  a@example.com has exceeded his/her disk space limit.
  The message could not be delivered because the recipient's mailbox has reached its maximum size
  550 Benutzer hat zuviele Mails auf dem Server. Postfach voll
  552 La casella del destinatario è piena
  メールボックスの空き容量がありません
  受信箱が一杯のため受信できません
  送信先のメールボックス使用量が制限値に達しているため、お届けできませんでした
  smtp; 552 5.2.2 Sorry, this user has exceeded the storage quota ‖ 5.2.2
  Quota exceeded (mailbox for user is full)
  a@example.com mailbox quota limit exceeded
  452 4.2.2 Mailbox is full / Blocks limit exceeded / Inode limit exceeded
  552 The user is over their storage limit
  maildrop: maildir over quota. ‖ 4.2.2
  Quota violation for a@example.com
  550 Message exceeds recipient mailbox quota
  The recipient inbox has no room left
  552 5.2.2 This message is larger than the remaining space in the mailbox
  超过邮箱容量
  受信者のメールボックスが上限に達しています
  ご利用容量を超過しているため受信できません

mailbox_suspended
  Message expired; last error: 450 4.2.1 mailbox temporarily disabled
  550 5.2.1 This account is suspended due to non-payment
  550 The account has been temporarily disabled
  550 5.2.1 <a@example.com>: mailbox not active
  554 5.2.1 user account is locked
  550 Mailbox is frozen. See http://mailhelp.mx.naver.com
  450 4.2.1 mailbox disabled, not accepting messages
  550 5.1.1 Recipient account has been deactivated
  550 5.2.1 Account disabled: too long unused
  ご指定のメールアドレスは一時停止されています
  550 Le compte du destinataire est bloque. The recipient account is blocked
  550 5.2.1 <a@example.com> Account has been suspended
  550 The email account is disabled by administrator
  554 5.7.1 a@example.com account is on hold
  550 5.2.1 Mailbox is deactivated
  Recipient mailbox is locked, please try later
  450 4.2.1 Mailbox temporarily disabled
  554 user is inactive more than 6 months
  このアカウントは現在利用停止されています

throttled
  The message was delayed: 450 4.2.0 greylisted
  451 4.7.0 Temporary server error. Please try again later. PRX2
  421 4.3.2 All server ports are busy
  451 4.7.1 You have been greylisted, please try again in 5 minutes
  452 Too many emails sent on this session
  421 4.4.5 Too many concurrent SMTP connections from this IP address; please try again later
  550 5.7.1 Message rate limit reached for this sender
  450 4.7.0 Rate limited, try later
  451 Temporary local problem - please try later, sender on greylist
  554 5.7.0 Too many recipients per hour from your domain
  421 Exceeded the number of messages allowed per connection
  一時的に受信を制限しています。時間をおいて再送してください。
  421 #4.4.5 Too many connections from your host.
  421 too many messages received from your IP, slow down
  450 Requested action not taken: mail rate exceeded
  452 4.1.0 Requested action not taken: number of recipients exceeded
  421-4.7.28 Our system has detected an unusual rate of mail originating from your IP
  450 4.4.5 Message temporarily deferred: high load
  554 5.7.1 hourly limit exceeded
  421 4.7.0 Connection limit reached
  送信数の上限を超えたため、しばらく送信できません

sender_auth
  550 5.7.1 SPF check failed: 192.0.2.1 is not allowed to send mail for example.com
  554 5.7.1 DKIM signature verification failed
  550 rejected by DMARC policy for example.com
  550 5.1.8 sender domain must resolve
  553 5.1.3 Sender address does not resolve
  550 Sender is not authenticated; messages must pass SPF or DKIM
  550 Access denied - Invalid HELO name and SPF fail (See RFC2821)
  530 5.7.0 Authentication required
  送信者アドレスのドメインが存在しません
  501 5.1.7 Invalid sender address
  550-5.7.1 Unauthenticated senders not allowed
  550 5.7.1 Sender ID (PRA) Not Permitted
  550 Email blocked: example.com DMARC=reject
  554 5.7.1 message failed DKIM authentication
  550 5.7.1 Sender unauthenticated
  553 Domain of sender address does not resolve
  503 5.5.1 authentication required before sending
  550 5.1.0 Sender address does not exist
  553 5.7.1 Sender address rejected: not owned by user

sender_blocked
  550 5.7.1 Your mail was blocked. The sender IP is listed. User unknown to our reputation service
  554 Your IP is listed in our blacklist
  554-mx.example.com Your access to this mail system has been rejected due to the sending MTA's poor reputation.
  550 5.7.1 Rejected: 192.0.2.1 listed at bl.spamcop.net
  554 5.7.1 Spam message rejected; score=12.3
  550 High probability of spam
  550 5.7.1 No reverse DNS for 192.0.2.1
  554 5.7.1 [192.0.2.1] has been blocked for sending unsolicited email
  550 Message refused by content filter: looks like spam
  550 5.7.1 Access denied by sender policy: domain example.com is on our deny list
  571 Message refused: your domain has a bad reputation
  550 5.7.0 Your message was considered unwanted
  554 5.7.1 Refused. Your IP address is banned.
  550 JunkMail rejected - mx.example.com [192.0.2.1] is in an RBL
  554 Denied [CS] [f3a4c3e4.0.1] (Mode: normal) spam
  送信元サーバがブラックリストに掲載されているため受信を拒否しました
  スパムメールの疑いがあるため配信されませんでした
  554 5.7.1 Blocked by Spamhaus
  550 IP address 192.0.2.1 is blacklisted at bl.example.org
  550 5.7.1 Your host has been rejected because of its bad DNS PTR
  smtp; 554 5.7.1 <mx.example.org[192.0.2.1]>: Client host rejected: Access denied ‖ 5.7.1
  550 5.7.1 rejected by Barracuda Reputation
  554 IMTA spam filter blocked this email
  550 This email was identified as spam and rejected by the server
  554 5.7.1 Message blocked due to spam content in the message
  550 5.7.0 Proofpoint has blocked this message as spam
  554 No SMTP service: your IP is suspicious
  550 5.7.350 Remote server returned message detected as spam -> 550 Mail content was considered spam
  送信元のIPアドレスからの受信は拒否されています
  セキュリティポリシーにより拒否されました

content
  552 5.3.4 Error: message file too big
  523 the message size exceeds the recipient's size limit
  Message too big: 35MB, maximum allowed is 20MB
  554 5.7.1 The file attached to this mail is prohibited (.exe)
  550 5.7.1 Attachment type not allowed
  554 Message infected: virus found by ClamAV
  550 5.6.0 Message lacks a From header
  554 5.6.1 Body type not supported by remote host
  550 Message headers fail syntax check
  550 maximum allowed line length is 998 octets, got 2042
  552 #5.3.4 message size exceeds limit
  添付ファイルの容量が大きすぎるため送信できませんでした
  禁止されている拡張子の添付ファイルが含まれています
  552 5.3.4 Message size exceeds file system imposed limit
  550 Message exceeded maximum size of 10240 KB
  The message size is too big for the recipient
  Your message is too large to send. To reduce the size, remove attachments
  5.6.0 Lone CR or LF in headers (see RFC2822 section 2.2)
  554 5.6.0 Invalid message format: no Date header
  550 Message contained unsafe content (.scr file)
  552 Attachment with extension .exe not accepted
  メールのサイズが上限の20MBを超えています
  ウイルスが検知されたため破棄しました

network
  delivery temporarily suspended: connect to mx.example.com[192.0.2.1]:25: Connection refused
  Connection reset by peer ‖ 4.4.2
  conversation with mx.example.com[192.0.2.1] timed out while sending message body ‖ 4.4.2
  No route to host
  TLS handshake failed with mx.example.com
  DNS SERVFAIL when looking up MX for example.com
  Too many "Received" headers - suspected mail loop
  554 5.4.12 SMTP; Hop count exceeded - possible mail loop detected on message id
  宛先のメールサーバーが応答しません
  connect to mx.example.com[2001:db8::1]:25: Network is unreachable
  421 4.4.1 unable to connect to remote host
  SSL routines: wrong version number while performing TLS
  lost connection with mx.example.com[192.0.2.1] while sending RCPT TO
  DNS query failed for example.com: timeout ‖ 4.4.3
  Mail loop detected: more than 25 Received headers
  接続がタイムアウトしました

expired
  4.4.7 retry timeout; 421 4.4.2 connection reset by peer
  Delivery expired. Last response from server: 451 4.3.0 temporary failure, please try later
  Message expired after 3 days in the queue
  4.4.7 Unable to deliver message after multiple retries, giving up.
  Deferred for too long; bounced
  message has been in queue too long
  The server has tried to deliver this message for 48 hours, without success, and has stopped trying.
  Server at example.com (192.0.2.1) returned '400 4.4.7 Message delayed'
  The following message could not be delivered because the maximum delivery time has elapsed
  配送できないまま5日間が経過したため、配送を中止しました。
  Message was undeliverable after 72 hours
  Delivery attempts exceeded; message returned
  Your message has been in our queue for more than 5 days
  4.4.7 Message delivery time expired; last error: 421 service not available
  Could not deliver the message in the time limit specified.
  delivery time expired (connection timed out)
  再送期間を過ぎたため配送を断念しました

system
  550 relay not permitted
  550 5.7.1 we do not relay
  550-Relaying not allowed: example.com is not handled here
  451 4.3.5 Server configuration problem
  451 Internal resource temporarily unavailable: database connection
  Internal server error while processing the message
  can't create user output file
  554 5.3.0 delivery agent returned exit code 75
  452 4.3.1 Out of disk space on spool
  502 5.5.1 Command not implemented
  サーバ内部エラーのため配信できませんでした
  554 5.7.1 relaying to a@example.com denied
  550 5.7.1 Command rejected: relay disallowed
  Mailer "local" exited with unexpected status 70 ‖ 5.3.0
  451 4.3.0 Temporary lookup failure
  5.3.5 Local configuration error: mail loops back to me (MX problem?)
  500 5.5.1 Unrecognized command
  451 4.3.0 Mail server temporarily rejected message
  431 4.3.1 No space left on device

undetermined
  Diagnostic-Code: smtp; 550 Requested action not taken
  Delivery to the following recipients failed.
  メールを配信できませんでした。
  Returned mail: see transcript for details
`);
