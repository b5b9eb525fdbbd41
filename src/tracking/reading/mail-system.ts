import { addressOf } from './addresses.ts';
import type { Fields, ReportMail } from './report-mail.ts';

/** Who has written a mail, told by its header alone: a mail system, a machine for a person, or somebody. */

const SYSTEM_LOCAL =
  /^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|post\.?master|daemon|mailerdaemon\w*|microsoftexchange[0-9a-f]+|mdaemon|mail(?:er)?|mailadmin|mail-?router|mailsystem|mail[-_.]?delivery(?:[-_.]?(?:subsystem|system))?|bounces?(?:[-+=_].*)?|root|dsn|ndr|no-?reply-?(?:ndr|dsn)?|system|smtp|listserv|majordomo|mmdf|uucp|virusalert|spamfilter|antispam|mailmaster|mailgate(?:way)?|internet|owner-postmaster|mailer_daemon|email-?system|mail-?server|noreply-mailer|delivery)@/i;
const SYSTEM_NAME =
  /mail(?:er)?[ -]?(?:delivery|daemon|system|router|administrator|admin)|post ?master|delivery (?:subsystem|system|status|service)|(?:system|mail|e-?mail|network|exchange) (?:administrator|admin|delivery)|microsoft (?:exchange|outlook)|mdaemon|mailmarshal|配信|メールシステム|メールサーバ|メール管理者|почтов\S* (?:служб|систем)|sistema de correi?o|system pocztowy|mailsystem|システム管理者|ポストマスター/i;

// Beyond this nobody's name goes on, and looking for one would take longer and longer.
const LONGEST_SENDER = 1_000;

/** Who writes without a domain, or with one without a dot: `MAILER-DAEMON`, `<postmaster@localhost>`. */
function nameAlone(from: string): string {
  const before = from.includes('@') ? from.slice(0, from.lastIndexOf('@')) : from.trim().replace(/>$/, '');
  return /[^\s<>"]{1,64}$/.exec(before.slice(-64))?.[0] ?? '';
}

/** Whether the mail says that it comes from a mail system. */
export function isFromMailSystem({ fields }: ReportMail): boolean {
  const from = (fields.get('from') ?? fields.get('sender') ?? '').slice(0, LONGEST_SENDER);
  const address = addressOf(from) ?? nameAlone(from);
  return SYSTEM_LOCAL.test(address.includes('@') ? address : `${address}@`) || SYSTEM_NAME.test(from);
}

const REPORT_SUBJECT =
  /undeliver|delivery (?:status|failure|has failed|notification|problem|report|error|fail)|(?:non|un)-?deliver|returned (?:to sender|mail|message)|return(?:ed)? (?:e-?)?mail|failure notice|mail (?:delivery )?(?:fail|error|system error)|mail could not|could not (?:be )?deliver|(?:message|mail|e-?mail) (?:not|status|delivery|could not|delayed|rejected|blocked|returned|undeliver)|rejected (?:mail|message|posting)|not (?:be )?(?:delivered|sent)|delivery[- ]?(?:delay|warning|fail)|unable to deliver|delayed (?:mail|message)|failed (?:mail|delivery|message|to deliver)|warning:? (?:could not|message|e-?mail|mail|delayed)|user unknown|nondelivery|\bNDN\b|\bNDR\b|\bDSN\b|bounce|unzustellbar|non remis|échec|devuelto|配信(?:不能|できません|に失敗|エラー|状況|失敗|の?遅延)|配送(?:不能|できません|に失敗|エラー|失敗|状態|の?遅延)|送信(?:不能|できません|に失敗|エラー|失敗)|不達|届けられません|届きません|未配信|未達|戻って|返送|エラーメール|メールエラー|(?:宛先|アドレス)(?:不明|エラー)|mancata consegna|falha (?:na|de) entrega|(?:n[aã]o|no) (?:foi |fue |se )?entrega|недоставлен|не доставлен|退信|投递失败|반송|전송 ?실패|nie dostarczon|onbestelbaar|niet (?:bezorgd|afgeleverd)|inte levereras/i;

const subjectOf = (fields: Fields): string => (fields.get('subject') ?? '').slice(0, LONGEST_SENDER);

/** Whether the subject is one under which mail systems report. */
export const hasReportSubject = ({ fields }: ReportMail): boolean =>
  REPORT_SUBJECT.test(subjectOf(fields)) &&
  !/^\s*(?:re|aw|sv|antw)\s*:/i.test(subjectOf(fields)) &&
  fields.get('list-id') === null;

const AUTO_SUBJECT =
  /^\s*(?:re:\s*)?(?:\[?(?:auto(?:matic|mated|matically)?[- ]?(?:generated )?(?:re(?:ply|sponse|sponder)|answer|ack\w*)|autoreply|autoresponse)\b|out[- ]of[- ](?:the[- ])?office|ooo\b|(?:on )?vacation\b|i(?:'|’)?m (?:out|away|on)|i am (?:out|away|on)|away from (?:my|the|office)|absen(?:t|ce)|away\b|holiday notice|thank you for (?:your|contacting)|auto:|abwesen|automatische|réponse automatique|risposta automatica|respuesta automática|automatisch)|自動(?:応答|返信|送信|回答|配信)|不在|休暇|お?休み|留守|\(auto(?:reply| ?response)\)|【自動|\[自動|受付(?:完了|いたしました|けました)|お問い?合わせ(?:ありがとう|を受け)/i;
const AUTO_FIELDS = [
  ...['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-autoreply-from', 'x-auto-reply', 'x-autorespond-from'],
  ...['x-mail-autoreply', 'x-vacation', 'x-ms-exchange-inbox-rules-loop', 'x-apple-action', 'x-autoreply-domain'],
];

/**
 * Whether a machine has answered for a person (RFC 3834). Mail systems mark their reports as `auto-replied` too: it is an
 * answer only where nothing of a report is about it.
 */
export function isAutoReply(mail: ReportMail): boolean {
  const { fields } = mail;
  const submitted = fields.get('auto-submitted')?.toLowerCase() ?? '';
  const subject = subjectOf(fields);
  const marked =
    AUTO_FIELDS.some((name) => fields.get(name) !== null) ||
    /^auto[_-]?reply|^autoreply/i.test(fields.get('precedence') ?? '') ||
    /\bvacation\b/.test(submitted) ||
    AUTO_SUBJECT.test(subject);
  if (marked) return !isFromMailSystem(mail) || (!hasReportSubject(mail) && AUTO_SUBJECT.test(subject));
  if (isFromMailSystem(mail) || hasReportSubject(mail)) return false;
  if (submitted.startsWith('auto-replied')) return true;
  // Generated, and an answer: Exchange and some providers say no more.
  const answers = fields.get('in-reply-to') ?? fields.get('x-auto-response-suppress') ?? /^\s*re:/i.exec(subject);
  return submitted.startsWith('auto-') && answers !== null;
}

/** Who has answered: the address of whoever is away. */
export const answererOf = ({ fields }: ReportMail): string | null =>
  addressOf(fields.get('from')) ?? addressOf(fields.get('reply-to')) ?? addressOf(fields.get('return-path'));
