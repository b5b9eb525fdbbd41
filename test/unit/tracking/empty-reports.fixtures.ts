import { reports } from './report-fixture.ts';

/** Phrases that stand in every report, whatever has happened. */
export const emptyReports = reports(`
undetermined
  This is the mail system at host mail.example.jp. I'm sorry to have to inform you that your message could not be delivered to one or more recipients. It's attached below. For further assistance, please send mail to postmaster. If you do so, please include this problem report. You can delete your own text from the attached returned message. The mail system
  This message was created automatically by mail delivery software. A message that you sent could not be delivered to one or more of its recipients. This is a permanent error. The following address(es) failed:
  Hi. This is the qmail-send program at example.jp. I'm afraid I wasn't able to deliver your message to the following addresses. This is a permanent error; I've given up. Sorry it didn't work out.
  The original message was received at Thu, 9 Apr 2009 23:34:45 +0900 from localhost [127.0.0.1] ----- The following addresses had permanent fatal errors ----- <a@example.jp>
  Delivery has failed to these recipients or groups: Your message did not reach some or all of the intended recipients. Diagnostic information for administrators: Generating server: mail.example.com Original message headers:
  Delivery to the following recipient failed permanently: a@example.com Technical details of permanent failure: Google tried to deliver your message, but it was rejected by the server for the recipient domain example.com by mx.example.com. [192.0.2.1]. The error that the other server returned was:
  Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the other email provider for further information about the cause of this error. The error that the other server returned was:
  Your message Subject: test Sent: 4/29/2010 did not reach the following recipient(s):
  UNDELIVERABLE MAIL Your message to the following recipients cannot be delivered:
  Sorry, we were unable to deliver your message to the following address.
  An error occurred while trying to deliver the mail to the following recipients:
  The following message to <a@example.com> was undeliverable. The reason for the problem:
  An error has occurred while attempting to deliver a message for the following list of recipients:
  This Message was undeliverable due to the following reason: Each of the following recipients was rejected by a remote mail server. The reasons given by the server are included to help you determine why each recipient was rejected.
  メールを配信できませんでした。配信不能メールの通知です。
  このメールは自動的に生成された配信状態の通知です。次の受信者またはグループへの配信に失敗しました:
  送信されたメールは以下の宛先に配信できませんでした。
  This is a delivery failure notification message indicating that an email you addressed to email address : -- a@example.com could not be delivered. The problem appears to be :
  Your mail could not be delivered. Failed Recipient: a@example.com Reason:
  Message could not be delivered to mobile.
`);
