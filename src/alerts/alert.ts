/** What operators are told of. The database's check lists the same. */
export const alertKinds = [
  ...(['breaker', 'domain_held', 'relay_held', 'refused', 'uncertain', 'queue_stalled'] as const),
  ...(['notice_completed', 'notice_unbalanced', 'invalid_mailboxes', 'owner_changed'] as const),
  ...(['report_unreadable', 'reports_forged', 'reports_unmatched'] as const),
  ...(['drop_failing', 'letters_returned', 'letters_unprintable', 'batch_waiting'] as const),
] as const;
type AlertKind = (typeof alertKinds)[number];

/** The ways by which operators are told, beside the list of alerts itself. */
export type AlertWay = 'webhook' | 'email';

/** One cause while it lasts. It holds ids, codes and numbers, and nothing of a person. */
export interface Alert {
  id: string;
  kind: AlertKind;
  /** What it is about: `{ noticeId, incidentId }`, `{ relay }`, `{ domain }`, `{ work }`. */
  subject: Record<string, string>;
  detail: Record<string, string | number | null>;
  raisedAt: Date;
  endedAt: Date | null;
}

/** A title of one line, and a message that says what has happened and what to do. */
export interface AlertWords {
  title: string;
  message: string;
}

const causeOfPause: Record<string, string> = {
  bounce_share: 'more of its emails have bounced than its breaker allows: look at the codes of what bounced',
  relay_refused: 'every relay refuses us as sender: see GET /v1/relays',
  content_changed:
    'a message no longer renders to what was approved, so it cannot go on: cancel it and submit a new one',
  render_failed: 'a batch of its letters could not be typeset in five tries: see task.failed in the workers’ log',
  check_failed: 'its letters, read back as printed, are all wrong: see GET /v1/letter-batches/{id}/checks',
};

const words: Record<AlertKind, (alert: Alert) => AlertWords> = {
  breaker: ({ subject: { noticeId }, detail: { because } }) => ({
    title: `Notice ${noticeId} has paused by itself: ${because}`,
    message:
      `Notice ${noticeId} has paused by itself (${because}): ${causeOfPause[String(because)] ?? 'see its pausedBecause'}. ` +
      `Nothing of it is sent until somebody decides: POST /v1/notices/${noticeId}/resume, or /cancel.`,
  }),
  domain_held: ({ subject: { domain, incidentId }, detail }) => ({
    title: incidentId ? `A mail domain of incident ${incidentId} is held` : `Mail to ${domain} is held`,
    message: `${incidentId ? `One mail domain of incident ${incidentId} (${domain}…)` : `The mail domain ${domain}`} ${
      detail.because === 'invalid_mailboxes'
        ? 'answers of far too many addresses that nobody has them, and nothing more is sent to it. Compare the list ' +
          'with its source: a wrong column, an old export'
        : `refuses us as sender${codes(detail)}, and nothing is sent to it. Put right what it objects to (SPF, DKIM, ` +
          'DMARC, the reputation of our address)'
    }, then release it: GET /v1/domains, POST /v1/domains/{domain}/release.`,
  }),
  relay_held: ({ subject: { relay }, detail }) => ({
    title: `Relay ${relay} is held`,
    message:
      `Relay ${relay} refuses us as sender${codes(detail)}, and nothing is given to it. Put right what it objects to ` +
      `(its login, our address), then release it: POST /v1/relays/${relay}/release.`,
  }),
  refused: ({ subject: { noticeId, class: failure }, detail: { number, code } }) => ({
    title: `${number} emails of notice ${noticeId} are refused: ${failure}`,
    message:
      `${number} emails of notice ${noticeId} are refused as ${failure}${codes({ code: code ?? null })}, which is no fault ` +
      `of their recipients. They are tried again, at most once an hour, until somebody mends it: see ` +
      `GET /v1/notices/${noticeId}/deliveries?state=deferred, and docs/sending.md for what the class means.`,
  }),
  uncertain: ({ subject: { noticeId }, detail: { number } }) => ({
    title: `${number} uncertain in notice ${noticeId}`,
    message:
      `Of ${number} emails of notice ${noticeId} nobody knows whether the relay took them; they are not sent again by ` +
      `themselves. Look for them in the relay's log (GET /v1/notices/${noticeId}/uncertain), then say what became of ` +
      `each or of all: POST /v1/deliveries/{id}/resolve, POST /v1/notices/${noticeId}/resolve.`,
  }),
  queue_stalled: ({ subject: { work }, detail: { tasks, since, failures, workers } }) => ({
    title: `Work stands still: ${work}`,
    message:
      `${tasks} tasks of the kind ${work} get nowhere, the oldest since ${since}; ` +
      `${Number(failures) > 0 ? `one was begun ${failures} times without an end` : 'nobody takes them'}. ` +
      `${workers} workers are alive. See the workers' log (task.failed, relay.down, queue.connection_lost) and ` +
      `GET /health/ready.`,
  }),
  notice_completed: ({ subject: { noticeId }, detail: { persons, reached, unreached, excluded } }) => ({
    title: `Notice ${noticeId} is complete`,
    message:
      `Notice ${noticeId} is complete: of ${persons} persons ${reached} are reached, ${unreached} unreached and ` +
      `${excluded} excluded. The unreached need another way: GET /v1/notices/${noticeId}/stats and /deliveries.`,
  }),
  invalid_mailboxes: ({ subject: { domain }, detail: { invalid, tried } }) => ({
    title: `Many addresses at ${domain} are nobody’s`,
    message:
      `Of ${tried} emails of the last ten minutes to the mail domain ${domain} ${invalid} went to addresses that nobody ` +
      `has. It is sent to more slowly, and not at all if it gets worse: a receiver takes whoever does this for a ` +
      `spammer. Compare the list with its source; GET /v1/domains shows the limits.`,
  }),
  owner_changed: ({ subject: { incidentId }, detail: { number } }) => ({
    title: `${number} addresses of incident ${incidentId} have another owner now`,
    message:
      `Of ${number} addresses of incident ${incidentId} their servers say that they belong to somebody else than before. ` +
      `Nothing more is sent to them; whatever else you send to these persons must not go there either. ` +
      `GET /v1/incidents/${incidentId}/suppressions lists them (reason owner_changed).`,
  }),
  report_unreadable: ({ detail: { number } }) => ({
    title: `${number} reports could not be read`,
    message:
      `${number} reports of mail systems could not be read in five tries. They are kept as they came, and change ` +
      `nothing: GET /v1/reports?state=unreadable; look at each (GET /v1/reports/{id}/raw), then settle it.`,
  }),
  reports_forged: ({ detail: { number } }) => ({
    title: `${number} forged reports within a day`,
    message:
      `${number} reports within a day carried a token that is not ours. They change nothing. Somebody may be trying to ` +
      `have persons taken for unreachable: GET /v1/reports?state=forged.`,
  }),
  reports_unmatched: ({ detail: { number } }) => ({
    title: `${number} reports match no delivery`,
    message:
      `${number} bounces, complaints or warnings name no delivery that we can find. They change nothing until a person ` +
      `looks: GET /v1/reports?state=unmatched, then POST /v1/reports/{id}/assign or /settle.`,
  }),
  drop_failing: ({ subject: { noticeId }, detail: { batches, batchId, since, failures } }) => ({
    title: `${batches} letter batches of notice ${noticeId} do not get to the printer`,
    message:
      `${batches} letter batches of notice ${noticeId} wait to be put where the printer takes them, the oldest (${batchId}) ` +
      `since ${since}; it was begun ${failures} times. It is tried again once a minute: see task.failed in the workers’ ` +
      `log, and whether the server, its key and the folder or bucket are as set (PRINTER_…). Until then the printer can be ` +
      `given the files by hand: GET /v1/letter-batches/${batchId}/bundle.zip.`,
  }),
  letters_returned: ({ subject: { noticeId }, detail: { number } }) => ({
    title: `${number} letters of notice ${noticeId} have come back and wait`,
    message:
      `${number} letters of notice ${noticeId} came back more than a day ago, nothing else has reached their persons, and ` +
      `nobody has dealt with them. Send them to another address (GET /v1/letters/returned?notice=${noticeId}&state=open, ` +
      `then POST /v1/deliveries/{id}/readdress), or take the list for substitute notice as an operator: ` +
      `GET /v1/notices/${noticeId}/substitute.csv.`,
  }),
  letters_unprintable: ({ subject: { noticeId }, detail: { number } }) => ({
    title: `${number} letters of notice ${noticeId} could not be printed`,
    message:
      `${number} letters of notice ${noticeId} were refused by the typesetter, or were not as they should be when they were ` +
      `read back. They were left out of their batches after the approval, and nothing else has reached their persons. See ` +
      `what is wrong with them (GET /v1/letter-batches/{id}/checks, GET /v1/notices/${noticeId}/deliveries?state=unprintable), ` +
      `and have them printed anew when it is mended or with another address (POST /v1/deliveries/{id}/readdress), or take ` +
      `the list for substitute notice as an operator: GET /v1/notices/${noticeId}/substitute.csv.`,
  }),
  batch_waiting: ({ subject: { noticeId }, detail: { because, batches, batchId } }) =>
    waiting[because as keyof typeof waiting](`letter batches of notice ${noticeId}`, String(batches), String(batchId)),
  notice_unbalanced: ({ subject: { noticeId } }) => ({
    title: `The figures of notice ${noticeId} do not agree`,
    message:
      `A recount of notice ${noticeId} did not agree with its counters: do not give out its figures. Count again ` +
      `(GET /v1/notices/${noticeId}/stats?recount=true); if they still differ, keep the database as it is and report it.`,
  }),
};

/** Why batches wait for a word, and of whom. */
const waiting: Record<
  'figures_differ' | 'delivery_uncertain' | 'not_acknowledged' | 'not_posted',
  (them: string, number: string, firstId: string) => AlertWords
> = {
  figures_differ: (them, number, firstId) => ({
    title: `A printer counts otherwise: ${number} ${them}`,
    message:
      `A printer acknowledged ${number} ${them} (the first is ${firstId}) with figures ` +
      `or a file that are not ours, so they cannot be posted, or wrong letters are in the post already. Ask the printer ` +
      `what it has: GET /v1/letter-batches/${firstId}, its manifest.csv and SHA256SUMS say what it should be. Then ` +
      `acknowledge rightly (POST /v1/letter-batches/${firstId}/handed-over), or cancel the batch if it is not handed over.`,
  }),
  delivery_uncertain: (them, number, firstId) => ({
    title: `Perhaps at the printer's, perhaps not: ${number} ${them}`,
    message:
      `The delivery of ${number} ${them} (the first is ${firstId}) was cut off in its last step, and the bundle is not in ` +
      `the printer's folder: it never came there, or the printer has taken it. Nothing is put there again by itself, or ` +
      `it might be printed twice. Ask the printer; then POST /v1/letter-batches/${firstId}/handed-over, or put it there ` +
      `again (/deliver).`,
  }),
  not_acknowledged: (them, number, firstId) => ({
    title: `${number} ${them} are not acknowledged`,
    message:
      `${number} ${them} (the first is ${firstId}) were ready for the printer two whole ` +
      `working days ago, and no acknowledgement has come. Ask the printer; then ` +
      `POST /v1/letter-batches/${firstId}/handed-over, or put it into the folder once more (/deliver).`,
  }),
  not_posted: (them, number, firstId) => ({
    title: `${number} ${them} are not said to be posted`,
    message:
      `A printer acknowledged ${number} ${them} (the first is ${firstId}) more than a week ago, and nobody has said that ` +
      `they are in the post. Until then their persons count as neither reached nor unreached. Ask the printer; then ` +
      `POST /v1/letter-batches/${firstId}/posted.`,
  }),
};

/** Says an alert in words. One that has ended before it is told says so. */
export function describeAlert(alert: Alert): AlertWords {
  const { title, message } = words[alert.kind](alert);
  // A completed notice is news; it is not over when the alert is.
  if (alert.endedAt === null || alert.kind === 'notice_completed') return { title, message };
  return { title: `Over: ${title}`, message: `${message} This was over at ${alert.endedAt.toISOString()}.` };
}

function codes({ because, code }: Alert['detail']): string {
  const told = [because, code].filter(Boolean).join(', ');
  return told === '' ? '' : ` (${told})`;
}
