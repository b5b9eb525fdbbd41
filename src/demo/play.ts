import type { Api, IncidentStats, ListAnswer, NoticeStats } from './api.ts';
import { type Check, checkIncident, checkList, checkNotice, checkSums } from './checks.ts';
import { checkComeBack, comeBack } from './come-back.ts';
import { checkLetters, type SavedBatch, saveLetters } from './letters.ts';
import type { DemoList, DemoLists } from './lists.ts';
import { type BatchStates, checkBatches, printAndPost, readBatches } from './print-house.ts';
import { count, type Progress } from './progress.ts';
import { checkReturns, letterReturns } from './returned.ts';
import { bringIn, type Cast, letterBatches, release, seeItThrough } from './steps.ts';
import { watch } from './watch.ts';

export interface Setting {
  admin: Api;
  /** The catcher's pages. */
  webUrl: string;
  lists: DemoLists;
  lettersDir: string;
  progress: Progress;
  signal: AbortSignal;
}

export interface Played {
  checks: Check[];
  /** As accepted, in their order. */
  lists: [fileName: string, answer: ListAnswer][];
  warning: NoticeStats;
  apology: NoticeStats;
  /** The apology when some of its emails have come back. */
  afterwards: NoticeStats;
  /** The apology when its letters are posted and some of them have come back. */
  atLast: NoticeStats;
  incident: IncidentStats;
  letters: SavedBatch[];
  batches: BatchStates[];
}

/**
 * Plays the seed's breach in its order: the members are warned by email; when the payment systems' lists of the
 * affected have come, the exposed get an apology by email, and by letter where email does not reach them; some emails come
 * back the day after, and some letters after the print house has posted them.
 * Everything goes over HTTP, as operator and approver would do it.
 */
export async function play(setting: Setting): Promise<Played> {
  const { lists, progress } = setting;
  const cast = await hire(setting);
  const incidentId = await openIncident(cast.operator, lists.exposures);
  const [members, ...affected] = lists.lists;
  const accepted: Played['lists'] = [[members.fileName, await bringInLoudly(cast, incidentId, members)]];
  progress.say('The first warning goes to all members by email.');
  const warned = await release(cast, incidentId, { template: 'warning', channels: 'email', audience: { all: true } });
  const warning = await seeItThrough(cast, warned, 'warning');
  for (const list of affected) accepted.push([list.fileName, await bringInLoudly(cast, incidentId, list)]);
  progress.say('The apology goes to everybody whose card is exposed, by letter where email does not reach them.');
  const wanted = { template: 'apology', channels: 'email_then_letter', audience: { exposed: true } };
  const told = await release(cast, incidentId, wanted);
  const apology = await seeItThrough(cast, told, 'apology');
  const afterwards = await comeBack(cast, setting.webUrl, apology);
  const first = await saveLetters(cast.operator, await letterBatches(cast.operator, told.id), setting.lettersDir);
  const { letters, batches, atLast, printed } = await printHouse(setting, cast, first, afterwards);
  const incident = await cast.operator.get<IncidentStats>(`/v1/incidents/${incidentId}/stats`);
  const checks = [
    ...lists.lists.flatMap((list, i) => checkList(list.fileName, accepted[i]?.[1], list.expected)),
    ...checkIncident(incident, lists.all.persons, lists.exposures),
    ...checkNotice('warning', warning, lists.afterMembers, false),
    ...checkNotice('apology', apology, lists.exposed, true),
    ...checkComeBack(apology, afterwards),
    ...checkSums('afterwards', afterwards),
    ...checkLetters(first, afterwards.letter.rendered),
    ...printed,
    ...checkLetters(letters, atLast.letter.total),
    ...checkBatches(batches),
    ...checkSums('at last', atLast),
    await checkCaught(setting.webUrl, warning.email.submitted + apology.email.submitted),
  ];
  return { checks, lists: accepted, warning, apology, afterwards, atLast, incident, letters, batches };
}

/** Prints and posts the letters, takes three back, and prints and posts the two that are sent again. */
async function printHouse(setting: Setting, cast: Cast, first: SavedBatch[], before: NoticeStats) {
  const { operator, progress, signal } = cast;
  const miscounted = await printAndPost(cast, first, true);
  const returns = await letterReturns(cast, before.noticeId, first);
  const again = await saveLetters(operator, returns.batches, setting.lettersDir);
  const letters = [...first, ...again];
  await printAndPost(cast, again, false);
  const atLast = await watch(
    'the end of the notice',
    () => operator.get<NoticeStats>(`/v1/notices/${before.noticeId}/stats`),
    ({ status, balanced }) => status === 'completed' && balanced,
    signal,
  );
  progress.finish();
  const printed = [...miscounted, ...returns.checks, ...(await checkReturns(cast, before, atLast))];
  return { letters, batches: await readBatches(operator, letters), atLast, printed };
}

async function hire({ admin, progress, signal }: Setting): Promise<Cast> {
  const key = async (name: string, role: string) =>
    (await admin.post<{ apiKey: string }>('/v1/users', { name, roles: [role] })).apiKey;
  const operator = admin.as(await key('Operator of the demo', 'operator'));
  const approver = admin.as(await key('Approver of the demo', 'approver'));
  return { operator, approver, progress, signal };
}

async function openIncident(operator: Api, exposures: number): Promise<string> {
  const template = await operator.get<{ sampleFacts: { ja: object } }>('/v1/templates/apology');
  const facts = { ...template.sampleFacts.ja, scale: [{ count: exposures, unit: 'cards' }] };
  const title = '決済画面への不正アクセス（デモ）';
  const body = { title, locale: 'ja', timeZone: 'Asia/Tokyo', facts };
  return (await operator.post<{ id: string }>('/v1/incidents', body)).id;
}

async function bringInLoudly(cast: Cast, incidentId: string, list: DemoList): Promise<ListAnswer> {
  const answer = await bringIn(cast, incidentId, list);
  const { rows, exposures } = answer;
  const outcomes = `${count(rows.accepted)} accepted, ${count(rows.merged)} merged, ${count(rows.quarantined)} quarantined`;
  cast.progress.say(`${list.fileName}: ${count(rows.total)} rows = ${outcomes}; ${count(exposures)} exposures`);
  return answer;
}

/** The other side's count: what the service calls submitted is what the catcher holds. */
async function checkCaught(webUrl: string, submitted: number): Promise<Check> {
  const answer = await fetch(new URL('/mails.json?limit=1', webUrl));
  const { total } = (await answer.json()) as { total: number };
  return { what: 'mails in the catcher', is: total, shouldBe: submitted };
}
