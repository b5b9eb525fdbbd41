import type { NoticeStats } from './api.ts';
import type { Check } from './checks.ts';
import type { Cast } from './steps.ts';
import { letterBatches } from './steps.ts';
import { watch } from './watch.ts';

/** A mail in the catcher: its envelope sender is the bounce address of its delivery. */
interface Caught {
  from: string;
  to: string[];
}

const BOUNCES = 5;

/**
 * The day after: some of the emails that were taken come back, one is late, one is called spam, and somebody forges a
 * report. As an operator would hand them in; a listener, a mailbox or a webhook bring the same.
 * @param before the figures of the notice until then
 * @returns its figures afterwards, with every letter that followed rendered
 */
export async function comeBack(cast: Cast, webUrl: string, before: NoticeStats): Promise<NoticeStats> {
  const { operator, progress, signal } = cast;
  const { noticeId } = before;
  const [forged, late, complained, ...bounced] = await lastMails(webUrl, BOUNCES + 3);
  if (!forged || !late || !complained) throw new Error('The catcher has too few mails.');
  const mails = [
    ...bounced.map((mail) => deliveryStatus(mail, 'failed', '5.1.1', '550 5.1.1 User unknown')),
    deliveryStatus(late, 'delayed', '4.2.2', '452 4.2.2 Mailbox full'),
    complaint(complained),
    deliveryStatus({ ...forged, from: altered(forged.from) }, 'failed', '5.1.1', '550 5.1.1 User unknown'),
  ];
  for (const mail of mails) await operator.postMail('/v1/bounces', mail);
  const read = () => operator.get<NoticeStats>(`/v1/notices/${noticeId}/stats`);
  const heard = await watch(
    'what came back',
    read,
    ({ reports }) => reports.bounce >= bounced.length && reports.delay >= 1 && reports.complaint >= 1,
    signal,
  );
  progress.say(
    `The day after: ${heard.reports.bounce} emails came back, ${heard.reports.complaint} was called spam, ${heard.reports.delay} is late; letters follow.`,
  );
  await operator.post(`/v1/notices/${noticeId}/letter-batches`);
  const batchesReady = async () =>
    (await letterBatches(operator, noticeId)).every(({ state }) => state !== 'rendering');
  await watch('letters that follow', read, ({ letter }) => letter.pending === 0, signal);
  await watch('letter batches', batchesReady, (ready) => ready, signal);
  return watch('recount', read, ({ balanced }) => balanced, signal);
}

/** What came back changes what it is about, once, and the forged report nothing. */
export function checkComeBack(before: NoticeStats, after: NoticeStats): Check[] {
  return [
    { what: 'afterwards: emails bounced', is: after.email.bounced, shouldBe: before.email.bounced + BOUNCES },
    { what: 'afterwards: emails complained', is: after.email.complained, shouldBe: before.email.complained + 1 },
    { what: 'afterwards: emails submitted', is: after.email.submitted, shouldBe: before.email.submitted - BOUNCES - 1 },
    { what: 'afterwards: reports of delays', is: after.reports.delay, shouldBe: 1 },
    { what: 'afterwards: letters rendered', is: after.letter.rendered, shouldBe: before.letter.rendered + BOUNCES },
    { what: 'afterwards: persons', is: after.persons.total, shouldBe: before.persons.total },
    { what: 'afterwards: reached', is: after.persons.reached, shouldBe: before.persons.reached - BOUNCES },
    { what: 'afterwards: balanced', is: after.balanced, shouldBe: true },
  ];
}

async function lastMails(webUrl: string, number: number): Promise<Caught[]> {
  const ask = async (query: string) => {
    const answer = await fetch(new URL(`/mails.json?${query}`, webUrl));
    return (await answer.json()) as { total: number; items: Caught[] };
  };
  const { total } = await ask('limit=1');
  return (await ask(`limit=${number}&cursor=${Math.max(0, total - number)}`)).items;
}

/** Another character in the token: whoever guesses one does no better. */
const altered = (address: string): string => address.replace(/^b\+./, (start) => (start === 'b+a' ? 'b+b' : 'b+a'));

function deliveryStatus({ from, to }: Caught, action: string, status: string, reply: string): string {
  return [
    ...['From: MAILER-DAEMON@mx.example.jp', `To: ${from}`, 'Subject: Delivery Status Notification'],
    ...['MIME-Version: 1.0', 'Content-Type: multipart/report; report-type=delivery-status; boundary="report"', ''],
    ...['--report', 'Content-Type: text/plain', '', 'This is the mail system at mx.example.jp.', ''],
    ...['--report', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.jp', ''],
    ...[`Final-Recipient: rfc822; ${to[0]}`, `Action: ${action}`, `Status: ${status}`],
    ...[`Diagnostic-Code: smtp; ${reply}`, '', '--report--', ''],
  ].join('\r\n');
}

function complaint({ from, to }: Caught): string {
  return [
    ...['From: feedback@mx.example.jp', `To: ${from}`, 'Subject: FW: complaint', 'MIME-Version: 1.0'],
    ...['Content-Type: multipart/report; report-type=feedback-report; boundary="report"', ''],
    ...['--report', 'Content-Type: text/plain', '', 'This is an email abuse report.', ''],
    ...['--report', 'Content-Type: message/feedback-report', '', 'Feedback-Type: abuse', 'Version: 1'],
    ...['User-Agent: demo/1', `Original-Rcpt-To: ${to[0]}`, '', '--report--', ''],
  ].join('\r\n');
}
