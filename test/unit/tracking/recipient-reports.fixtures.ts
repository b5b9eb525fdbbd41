import { reports } from './report-fixture.ts';

/** What servers and mail systems say of mailboxes, their owners, and their domains. */
export const recipientReports = reports(`
invalid_mailbox
  550 5.1.1 <a@example.jp>: Recipient address rejected: User unknown in local recipient table
  550 5.1.1 <a@example.jp>: Recipient address rejected: User unknown in virtual mailbox table
  550 5.1.1 <a@example.jp>... User unknown
  550 <a@example.jp>... User Unknown
  550 No such user here
  550 No such user - psmtp
  550 #5.1.0 Address rejected a@example.com ‖ 5.0.0
  550 5.1.1 unknown or illegal alias: a@example.com
  550 Requested action not taken: mailbox unavailable
  550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). ‖ @hotmail.com
  550 Mailbox unavailable or does not exist
  550 sorry, no mailbox here by that name (#5.1.1 - chkuser)
  511 sorry, no mailbox here by that name (#5.1.1 - chkuser)
  Sorry, no mailbox here by that name. (#5.1.1)
  192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 <a@example.jp>... User Unknown Giving up on 192.0.2.1.
  192.0.2.1 does not like recipient. Remote host said: 550 Invalid recipient <a@example.com> (#5.1.1) Giving up on 192.0.2.1.
  550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces. For more information, go to 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser x - gsmtp
  554 delivery error: dd This user doesn't have a yahoo.co.jp account (a@yahoo.co.jp) [0] - mta ‖ @yahoo.co.jp
  550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
  550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
  550 5.4.1 Recipient address rejected: Access denied. [VE1EUR01FT003.eop-EUR01.prod.protection.outlook.com]
  554 5.7.1 <a@example.com>: Recipient address rejected: Access denied
  550 5.1.1 <a@example.com> Recipient not found. <https://community.mimecast.com/docs/DOC-1369#550>
  550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [abc.us1]
  550 Unrouteable: no such address here
  550 The recipient does not exist
  550 unknown user <a@example.de>
  550 5.1.1 User unknown, recipient rejected (in reply to RCPT TO command)
  550-Callout verification failed: 550 5.1.1 <a@example.com>: Recipient address rejected: User unknown in virtual alias table
  553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)
  553 sorry, this recipient is not in my validrcptto list (#5.7.1)
  553 5.3.0 <a@example.com>... Addressee unknown, relay=[192.0.2.2]
  vdeliver: Invalid or unknown virtual user a@example.com
  550 not a valid user here
  550 5.1.1 Mailbox does not exist
  550 5.1.1 <a@example.com> mailbox doesn't exist
  550 account a@example.com does not exist
  User a (a@example.co.jp) not listed in Domino Directory
  User a (a@example.co.jp) not listed in public Name & Address Book
  No such recipient 'a' at this host
  unknown local-part "a" in domain "example.com"
  The email address you entered couldn't be found. Please check the recipient's email address and try to resend the message. If the problem continues, please contact your helpdesk.
  Your message wasn't delivered to a@example.com because the address couldn't be found, or is unable to receive mail.
  550 5.1.1 Email address could not be found, or was misspelled (G8) ‖ @rackspace.example.com
  550 5.2.1 <a@example.com>... Addressee unknown
  MSEXCH:IMS:EXAMPLE:EXCHANGE:SERVER 0 (000C05A6) Unknown Recipient
  mail.local: unknown name: a
  5.1.1 - Bad destination email address 'reject' (delivery attempts: 0)
  5.1.0 - Unknown address error 550-'5.1.1 <a@example.com>: Recipient address rejected: User unknown' (delivery attempts: 0) ‖ 5.1.0
  550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. LPN007_416 ‖ @laposte.net
  550 5.1.1 Utilisateur inconnu !
  550 Usuario desconocido
  550 No existe ese usuario en este servidor
  550 nessun utente simile in questo indirizzo
  550 5.1.1 Empfänger unbekannt / recipient unknown
  550 用户不存在
  550 spamming address or user not found. Please visit https://mail.ru ‖ @mail.ru
  550 5.7.1 No such user! ‖ @yandex.ru
  550 RCPT (a@example.net) doesn't exist
  550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&no=1000728 ‖ @qq.com
  550 5.1.1 This email address is wrong or no longer valid
  550 There is no one at this address
  550 5.1.6 recipient no longer on server: a@icloud.com ‖ @icloud.com
  550 5.1.1 <a@icloud.com>: inactive email address ‖ @icloud.com
  551 5.1.6 The address a@example.com has been replaced by b@example.com
  551 User not local; please try <b@example.com>
  550 5.1.1 account closed: this account has been deleted
  Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address. ‖ 5.1.1
  Amazon SES did not send the message to this address because it is on the suppression list for your account. ‖ 5.1.1
  Bounced Address
  Not delivering to previously bounced address ‖ 6.0.5
  550 5.1.1 sid: User unknown ‖ @docomo.ne.jp
  550 Unknown user a@docomo.ne.jp ‖ 5.1.1, @docomo.ne.jp
  550 Unknown user a@docomo.ne.jp (in reply to RCPT TO command) ‖ 5.0.0, @docomo.ne.jp
  550 <a@ezweb.ne.jp>: User unknown ‖ @ezweb.ne.jp
  550 5.1.1 <a@au.com>: User unknown ‖ @au.com
  550 Invalid recipient: <a@softbank.ne.jp> ‖ @softbank.ne.jp
  宛先不明: a@example.jp
  宛先のメールアドレスが見つかりませんでした。
  指定された受信者のメールアドレスは存在しません。
  入力した電子メール アドレスが見つかりませんでした。受信者の電子メール アドレスを確認して、メッセージを再送信してください。
  ユーザー a (a@example.co.jp) は Domino ディレクトリには見つかりません
  このユーザーはパブリック ディレクトリのリストにありません
  このメールアドレスは現在使われておりません。
  ご指定のアドレスは登録されていません
  無効なメールアドレスです
  受信者のアドレスが正しくありません。
  550 ‖ after rcpt
  - ‖ 5.1.1
  - ‖ 5.1.3

invalid_domain
  550 5.1.2 <a@example.cat>... Host unknown (Name server: example.cat: host not found)
  Host or domain name not found. Name service error for name=example.cat type=A: Host not found ‖ 5.4.4
  Host or domain name not found. Name service error for name=example.cat type=MX: Host found but no data record of requested type ‖ 5.4.4
  Sorry, I couldn't find any host named example.cat. (#5.1.2)
  Unrouteable address
  all relevant MX records point to non-existent hosts
  all host address lookups failed permanently
  an MX or SRV record indicated no SMTP service
  554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain
  550 5.4.310 DNS domain example.cat does not exist [Message=InfoDomainNonexistent]
  DNS Error: Domain name not found
  DNS Error: DNS type 'mx' lookup of example.cat responded with code NXDOMAIN Domain name not found: example.cat
  556 5.1.10 <a@example.com>: Recipient address rejected: Domain example.com does not accept mail (nullMX)
  Domain does not exist
  No such domain.
  Recipient address rejected: Domain not found
  5.1.2 - Bad destination host 'DNS Hard Error looking up example.cat (MX):  NXDomain' (delivery attempts: 0)
  550 Host/domain does not accept mail
  521 5.3.2 Host does not accept mail
  Domain example.com has no mail exchangers
  No MX record found for domain=example.com
  As the remote domain doesnt exist ‖ @dion.ne.jp
  宛先のドメイン example.cat が見つかりません
  存在しないドメインです
  ホスト名が不明です: example.cat
  - ‖ 5.1.2
  556

owner_changed
  550 5.7.17 Mailbox owner has changed
  550 5.7.18 Domain owner has changed

recipient_filter
  550 Unknown user a@docomo.ne.jp ‖ 5.2.0, @docomo.ne.jp
  550 Unknown user a@docomo.ne.jp (in reply to end of DATA command) ‖ 5.0.0, @docomo.ne.jp
  550 : User unknown ‖ @ezweb.ne.jp
  Mail Delivery Failed... User unknown ‖ @biglobe.ne.jp
  We failed to deliver mail because the following address recipient id refuse to receive mail : a@willcom.com
  550 5.7.124 SMTPSEND; Sender not in allowed-senders list
  550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group
  550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized
  refused due to recipient preferences
  550 5.1.1 RCP-P2 http://postmaster.facebook.com/response_codes?ip=192.0.2.1 Refused due to recipient preferences
  because the recipient is only accepting mail from specific email addresses
  550 you have been blocked by the recipient
  550 5.2.1 The user rejected your mail (user reject)
  550 Mail is rejected by recipients [abc IP: 192.0.2.1] ‖ @qq.com
  550 This message was rejected by the recipient
  550 5.7.1 this account is protected by a whitelist filter
  550-5.7.1 The user or domain that you are sending to (or from) has a policy that 550-5.7.1 prohibited the mail that you sent. Please contact your domain 550-5.7.1 administrator for further details. ‖ @gmail.com
  Spam Reporting Address
  User a (a@example.co.jp): Cannot route mail to user
  Posting by non-member to a members-only list
  550 Sender is not on the recipient's whitelist
  554 a@example.com is not accepting any mail
  550 550 #5.1.0 Address rejected a@example.com (state 17).
  受信者の設定により受信を拒否されました
  お客さまの設定により受信が拒否されました。
  宛先の受信拒否設定により配信できませんでした
  このグループにメッセージを送信するアクセス許可がありません。
  - ‖ 5.2.0
  - ‖ 5.1.4
  550 ‖ after body

mailbox_full
  552 5.2.2 <a@example.jp>... Mailbox Full
  452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp
  552 5.2.2 The recipient's inbox is out of storage space and inactive. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaPerm
  554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded
  550 5.7.1 Email quota exceeded. ‖ @gmail.com
  mailbox is full (quota exceeded while writing to file /var/mail/a)
  mailbox is full: retry timeout exceeded
  552 RCPT TO:<a@example.net> Mailbox disk quota exceeded
  maildir delivery failed: Sorry, the user's maildir has overdrawn his diskspace quota, please try again later.
  The users mailfolder is over the allowed quota (size). (#5.2.2)
  user is over quota
  522 5.7.1 <a@example.com>: Recipient address rejected: Requested mail action aborted: exceeded storage allocation
  552 Requested mail action aborted: exceeded storage allocation
  552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417] ‖ @orange.fr
  452 4.1.1 <a@example.net> 4.2.2 over quota
  552 too much mail data ‖ @docomo.ne.jp
  The user(s) account is temporarily over quota. ‖ @ezweb.ne.jp
  As their mailbox is full ‖ @dion.ne.jp
  The number of messages in recipient's mailbox exceeded the local limit. ‖ @biglobe.ne.jp
  550 5.2.2 User mailbox exceeds allowed size: a@example.com
  550 Mailbox has exceeded the limit
  554 The user's space has been used up.
  452 recipient storage full, try again in 3 hours
  The recipient's mailbox is full and can't accept messages now. Please try resending your message later, or contact the recipient directly.
  5.2.2 <a@example.com>... Can't create output: Disc quota exceeded
  552 1 Requested mail action aborted, mailbox over quota ‖ @yahoo.co.jp
  4.4.7 delivery expired: 452 4.2.2 mailbox full
  550 El buzón del usuario está lleno
  552 邮箱已满
  受信者のメールボックスがいっぱいで、メッセージを受け入れることができません。後でこのメッセージを再送信するか、受信者に直接連絡してください。
  宛先のメールボックスの容量を超えています
  配信先のメールボックス容量不足のため一時的に受信できません
  メールボックスが満杯です
  保存容量オーバー
  - ‖ 4.2.2

mailbox_suspended
  550 5.2.1 The email account that you tried to reach is disabled. Learn more at https://support.google.com/mail/?p=DisabledUser x - gsmtp
  The user(s) account is disabled. <a@ezweb.ne.jp>: 550 user unknown (in reply to RCPT TO command) ‖ @ezweb.ne.jp
  The user(s) account is temporarily limited. ‖ @au.com
  554 delivery error: dd Sorry your message to a@yahoo.com cannot be delivered. This account has been disabled or discontinued [#102]. ‖ @yahoo.com
  554 30 Sorry, your message to a@aol.jp cannot be delivered. This mailbox is disabled (554.30) ‖ @aol.com
  550 User suspended ‖ @163.com
  550 5.2.1 Mailbox disabled for this recipient
  Mailaddress is administratively disabled. (#5.2.1)
  vdelivermail: account is locked email bounced
  550 5.5.0 Boite du destinataire archivee. Archived recipient. LPN007_420 ‖ @laposte.net
  525 5.7.13 Disabled recipient address
  450 4.2.1 <a@example.com>: Recipient address rejected: this mailbox is inactive and has been disabled
  550 Account inactive: a@example.com
  550 mailbox currently suspended
  due to extended inactivity new mail is not currently being accepted for this mailbox
  550 5.2.1 recipient rejected: temporarily inactive
  このメールアドレスは利用停止中です。
  アカウントが凍結されています
  - ‖ 4.2.1
`);
