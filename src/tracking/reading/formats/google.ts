import type { SmtpStage } from '../../../delivery/email/classify-failure.ts';
import { addressesIn, addressOf } from '../addresses.ts';
import type { ReportFormat, ReportMail, TextFinding } from '../report-mail.ts';
import { allOf, anyOf, findingOf, hasField, isLate, isReport, linesOf, says } from './report-text.ts';

// Up to about 2015 Gmail wrote the place in its own SMTP client, as collected by the Gmail reader of Sisimai.
const states: Record<string, SmtpStage> = {
  6: 'connect',
  8: 'connect',
  9: 'connect',
  12: 'connect',
  13: 'mail',
  14: 'rcpt',
  15: 'data',
  17: 'body',
  18: 'body',
};

const OLD = /^[ \t]*Delivery to the following recipients? (?:failed permanently|has been delayed)/im;
const DETAILS = /^[ \t]*(?:Technical details of (?:permanent|temporary) failure|永続的なエラーの技術的な詳細|----- )/i;
const SAID =
  /(?:the error that the other server returned was|the (?:response|error) from the remote server was|the response was|リモート ?サーバーからの応答|レスポンスは次のとおり|応答)[^:：]{0,20}[:：][ \t]*(?<text>.*)$/i;

const fromGoogle = hasField('from', /@(?:googlemail|google)\.com>?\s*$/i);
const isOld = allOf(says(OLD), anyOf(fromGoogle, says(/Technical details of (?:permanent|temporary) failure/i)));

const oldForm: ReportFormat = {
  name: 'gmail',
  source: 'Gmail Help; the text that Gmail sent until 2016',
  read: (mail) => (isOld(mail) ? readOld(mail) : null),
};

function readOld(mail: ReportMail): TextFinding[] | null {
  const lines = linesOf(mail);
  const opening = lines.findIndex((line) => OLD.test(line));
  const details = lines.findIndex((line, i) => i > opening && DETAILS.test(line));
  const recipients = lines
    .slice(opening + 1, details < 0 ? undefined : details)
    .flatMap((line) => addressesIn(line).slice(0, 1));
  const explained = (details < 0 ? [] : lines.slice(details + 1)).filter((line) => !/^[ \t]*-{3,}/.test(line));
  const text = explained.join(' ').slice(0, 8000);
  const said = SAID.exec(text.replace(/\s+/g, ' '))?.groups?.text ?? text;
  const state = /\(state (\d{1,2})\)/.exec(said)?.[1];
  const action = isLate(mail, lines.slice(0, opening + 1)) ? 'delayed' : 'failed';
  const by = findingOf(null, [text]).remote ?? null;
  return (recipients.length > 0 ? recipients : [null]).map((recipient) => {
    const finding = findingOf(recipient, [said], { action });
    return { ...finding, stage: states[state ?? ''] ?? finding.stage ?? null, remote: finding.remote ?? by };
  });
}

// The headings of today's form; each is followed by a sentence that names the address.
const TITLE =
  'address not found|message (?:not delivered|blocked|rejected|too large|could not be delivered)|delivery incomplete|(?:recipient )?inbox full|アドレス(?:が|を)見つかりません(?:でした)?|(?:メール|メッセージ)(?:は|が)?(?:配信|ブロック|拒否)されま(?:せんで)?した|受信トレイ(?:の容量)?(?:が|に).{1,14}|配信が?(?:未完了|不完全|完了していません|保留中)';
const HEADING = new RegExp(`^[ \\t]*(?:\\*\\* ?)?(?:${TITLE})(?: ?\\*\\*)?[ \\t]*$`, 'i');
const STARRED = new RegExp(`^[ \\t]*\\*\\* ?(?:${TITLE}) ?\\*\\*[ \\t]*$`, 'im');
const SENTENCE =
  /(?:message (?:wasn't|was not|couldn't be|could not be|has not been) delivered to|delivering your message to|your message to|deliver your message to)\s+(?:'|")?(?<address>[^\s'"]{1,600}@[^\s'"]{1,300})|(?<address>[^\s「」、。@]{1,300}@[A-Za-z0-9.-]{1,253})\s*(?:宛|へ|に|の)/i;

const newForm: ReportFormat = {
  name: 'gmail_notice',
  source: 'Gmail Help, Bounced emails; Google Workspace Admin Help, SMTP error reference',
  read: (mail) => (isNotice(mail) ? readNotice(mail) : null),
};

// A link to Google's help is no evidence: it stands in Gmail's replies, which every other mail system quotes.
const isNotice = allOf(isReport, anyOf(fromGoogle, says(STARRED)));

function readNotice(mail: ReportMail): TextFinding[] | null {
  const lines = linesOf(mail).slice(0, 2000);
  const text = lines.join(' ').replace(/\s+/g, ' ').slice(0, 20_000);
  const sentence = SENTENCE.exec(text);
  const heading = lines.find((line) => HEADING.test(line))?.replaceAll('*', '') ?? '';
  if (!sentence && !heading) return null;
  const reply = SAID.exec(text);
  // Without a reply the sentence is all that is said: "because the address couldn't be found", "Their inbox is full".
  const start = sentence?.index ?? 0;
  const own = text.slice(start, Math.min(start + 500, reply?.index ?? text.length));
  const late =
    isLate(mail, [heading, own]) || /delivery incomplete|未完了|不完全|完了していません|保留中/i.test(heading);
  const recipient = addressOf(sentence?.groups?.address ?? '');
  const said = [heading, reply?.groups?.text ?? own];
  return [findingOf(recipient, said, { action: late ? 'delayed' : 'failed' })];
}

const groups: ReportFormat = {
  name: 'google_groups',
  source: 'Google Groups Help: the group you tried to contact may not exist, or you may not have permission to post',
  read: (mail) => {
    if (!says(/writing to let you know that the group you tried to contact/i)(mail)) return null;
    const text = linesOf(mail).join(' ').slice(0, 8000);
    const sentence = /the group you tried to contact.{0,400}?(?=\. |$)/i.exec(text)?.[0] ?? '';
    return [findingOf(addressOf(sentence), [sentence])];
  },
};

/** Gmail, Google Workspace and Google Groups. */
export const google: readonly ReportFormat[] = [groups, oldForm, newForm];
