import type { Api, LetterBatch, ListAnswer, NoticeAnswer, NoticeStats } from './api.ts';
import type { DemoList } from './lists.ts';
import { count, type Progress } from './progress.ts';
import { watch } from './watch.ts';

/** The people at the keyboard, and how they watch. */
export interface Cast {
  operator: Api;
  approver: Api;
  progress: Progress;
  signal: AbortSignal;
}

/** Uploads a list, waits until it is checked, accepts it, waits until its persons are there. */
export async function bringIn(cast: Cast, incidentId: string, list: DemoList): Promise<ListAnswer> {
  const { operator, progress, signal } = cast;
  const form = new FormData();
  form.set('kind', list.kind);
  form.set('source', list.source);
  form.set('file', new Blob([Uint8Array.from(list.bytes)], { type: 'text/csv' }), list.fileName);
  const { id } = await operator.post<ListAnswer>(`/v1/incidents/${incidentId}/lists`, form);
  const until = (status: string) =>
    watch(
      list.fileName,
      () => operator.get<ListAnswer>(`/v1/lists/${id}`),
      (answer) => {
        if (answer.status === 'failed') throw new Error(`${list.fileName} failed: ${JSON.stringify(answer.problem)}`);
        progress.show(list.fileName, answer.rows?.total ?? 0, list.expected.rows, answer.status);
        return answer.status === status;
      },
      signal,
    );
  await until('ready');
  await operator.post(`/v1/lists/${id}/accept`);
  const accepted = await until('accepted');
  progress.finish();
  return accepted;
}

export interface NoticeWanted {
  template: string;
  channels: string;
  audience: object;
}

/** Creates and submits a notice as the operator, and approves it as the approver: from here on it is sent. */
export async function release(cast: Cast, incidentId: string, wanted: NoticeWanted): Promise<NoticeAnswer> {
  const { operator, approver, progress, signal } = cast;
  const { id } = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
  await operator.post(`/v1/notices/${id}/submit`);
  const frozen = await watch(
    `notice ${wanted.template}`,
    () => operator.get<NoticeAnswer>(`/v1/notices/${id}`),
    ({ status, problems }) => {
      if (status === 'draft')
        throw new Error(`Submitting ${wanted.template} failed: ${JSON.stringify(problems, null, 2)}`);
      progress.show(`${wanted.template}: freezing`, status === 'freezing' ? 0 : 1, 1);
      return status === 'awaiting_approval';
    },
    signal,
  );
  const { digest, persons, problems } = frozen;
  progress.say(`${wanted.template}: ${count(persons ?? 0)} persons, digest ${digest?.slice(0, 16)}…`);
  for (const problem of problems)
    progress.say(`  ${problem.severity}: ${problem.code}, ${count(problem.count)} persons`);
  return approver.post<NoticeAnswer>(`/v1/notices/${id}/approve`, { digest, persons });
}

/** Watches a notice until no email is under way and, where letters are due, every letter is rendered. */
export async function seeItThrough(cast: Cast, notice: NoticeAnswer, name: string): Promise<NoticeStats> {
  const { operator, progress, signal } = cast;
  const read = () => operator.get<NoticeStats>(`/v1/notices/${notice.id}/stats`);
  const reading = async () => {
    const stats = await read();
    if (stats.status === 'paused' || stats.status === 'cancelled') await sayWhyStopped(operator, notice.id);
    return stats;
  };
  const startedAt = Date.now();
  const sent = await watch(
    `${name}: emails`,
    reading,
    ({ email }) => {
      const open = email.pending + email.claimed + email.submitting + email.deferred;
      const note = `submitted ${count(email.submitted)}, refused ${count(email.bounced)}, put off ${count(email.deferred)}`;
      progress.show(`${name}: emails`, email.total - open, email.total, note);
      return open === 0;
    },
    signal,
  );
  progress.say(`${name}: ${count(sent.email.total)} emails in ${Math.round((Date.now() - startedAt) / 1000)} s`);
  const rendered = await watch(
    `${name}: letters`,
    reading,
    ({ letter }) => {
      if (letter.total > 0) progress.show(`${name}: letters`, letter.total - letter.pending, letter.total);
      return letter.pending === 0;
    },
    signal,
  );
  progress.finish();
  if (rendered.letter.total > 0) await batchesReady(cast, notice.id, name);
  return watch(`${name}: recount`, read, (stats) => stats.balanced, signal);
}

async function sayWhyStopped(operator: Api, noticeId: string): Promise<never> {
  const { status, pausedBecause } = await operator.get<NoticeAnswer>(`/v1/notices/${noticeId}`);
  throw new Error(`Notice ${noticeId} is ${status}: ${JSON.stringify(pausedBecause)}`);
}

function batchesReady(cast: Cast, noticeId: string, name: string): Promise<LetterBatch[]> {
  return watch(
    `${name}: letter batches`,
    () => letterBatches(cast.operator, noticeId),
    (batches) => batches.every(({ state }) => state !== 'rendering'),
    cast.signal,
  );
}

/** All letter batches of a notice, page by page. */
export async function letterBatches(operator: Api, noticeId: string): Promise<LetterBatch[]> {
  const all: LetterBatch[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page: { items: LetterBatch[]; nextCursor: string | null } = await operator.get(
      `/v1/notices/${noticeId}/letter-batches${query}`,
    );
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}
