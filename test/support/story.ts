import { type Api, type ListAnswer, makeApi, type NoticeAnswer, type NoticeStats } from '../../src/demo/api.ts';
import { ADMIN_KEY } from './service.ts';
import { until } from './until.ts';

/** The users of a test's company, as seen from outside. */
export interface Cast {
  admin: Api;
  operator: Api;
  approver: Api;
}

/** Makes an operator and an approver. A service that is restarted on another port needs `castAgain`. */
export async function cast(
  url: string,
  signal = AbortSignal.timeout(600_000),
): Promise<Cast & { keys: [string, string] }> {
  const admin = makeApi(url, ADMIN_KEY, signal);
  const key = async (role: string) =>
    (await admin.post<{ apiKey: string }>('/v1/users', { name: role, roles: [role] })).apiKey;
  const keys: [string, string] = [await key('operator'), await key('approver')];
  return { ...castAgain(url, keys, signal), keys };
}

export function castAgain(
  url: string,
  [operator, approver]: [string, string],
  signal = AbortSignal.timeout(600_000),
): Cast {
  const admin = makeApi(url, ADMIN_KEY, signal);
  return { admin, operator: admin.as(operator), approver: admin.as(approver) };
}

/** An incident with the apology's sample facts. */
export async function openIncident({ operator }: Cast, locale: 'ja' | 'en' = 'ja'): Promise<string> {
  const { sampleFacts } = await operator.get<{ sampleFacts: Record<string, object> }>('/v1/templates/apology');
  const body = { title: '試験', locale, timeZone: 'Asia/Tokyo', facts: sampleFacts[locale] };
  return (await operator.post<{ id: string }>('/v1/incidents', body)).id;
}

/** A CSV of invented persons, all at addresses of `domain`. */
export function csvOf(persons: number, domain = 'example.jp'): string {
  const lines = ['顧客番号,氏名,郵便番号,住所,メールアドレス,カード下4桁,ブランド'];
  for (let i = 1; i <= persons; i++) {
    const number = String(i).padStart(6, '0');
    lines.push(
      `C${number},見本 太郎${toKanji(i)},100-0001,東京都千代田区千代田1-${i},p${number}@${domain},${number.slice(-4)},VISA`,
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

const DIGITS = '〇一二三四五六七八九';
const toKanji = (n: number): string => [...String(n)].map((digit) => DIGITS[Number(digit)]).join('');

/** Uploads a list and waits until it is accepted. */
export async function acceptList(
  { operator }: Cast,
  incidentId: string,
  csv: string | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): Promise<ListAnswer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([csv], { type: 'text/csv' }), 'list.csv');
  const { id } = await operator.post<ListAnswer>(`/v1/incidents/${incidentId}/lists?accept=auto`, form);
  return await until('the list is accepted', async () => {
    const list = await operator.get<ListAnswer>(`/v1/lists/${id}`);
    if (list.status === 'failed') throw new Error(`the list failed: ${JSON.stringify(list.problem)}`);
    return list.status === 'accepted' && list;
  });
}

/** Drafts, submits and approves a notice. */
export async function releaseNotice(cast: Cast, incidentId: string, wanted: object): Promise<NoticeAnswer> {
  const { operator, approver } = cast;
  const { id } = await operator.post<NoticeAnswer>(`/v1/incidents/${incidentId}/notices`, wanted);
  const { digest, persons } = await freeze(cast, id);
  return await approver.post<NoticeAnswer>(`/v1/notices/${id}/approve`, { digest, persons });
}

/** Submits a draft and waits until it can be approved. */
export async function freeze({ operator }: Cast, id: string): Promise<NoticeAnswer> {
  await operator.post(`/v1/notices/${id}/submit`);
  return await until('the notice is frozen', async () => {
    const notice = await operator.get<NoticeAnswer>(`/v1/notices/${id}`);
    if (notice.status === 'draft') throw new Error(`the notice is blocked: ${JSON.stringify(notice.problems)}`);
    return notice.status === 'awaiting_approval' && notice;
  });
}

/** The stats of a notice once `condition` holds of them. */
export async function statsWhen(
  { operator }: Pick<Cast, 'operator'>,
  noticeId: string,
  what: string,
  condition: (stats: NoticeStats) => boolean,
  deadlineMs = 120_000,
): Promise<NoticeStats> {
  return await until(
    what,
    async () => {
      const stats = await operator.get<NoticeStats>(`/v1/notices/${noticeId}/stats?recount=true`);
      return condition(stats) && stats;
    },
    deadlineMs,
  );
}

/** Whether no email of a notice is on its way any more; uncertain ones wait for a person. */
export const emailsSettled = ({ email }: NoticeStats): boolean =>
  email.pending + email.claimed + email.submitting + email.deferred === 0;
