import { randomUUID } from 'node:crypto';
import { closeBatchNow, closeDueBatches } from '../../src/delivery/letter/close-batches.store.ts';
import { makeDropBatch } from '../../src/delivery/letter/printer/drop-batch.job.ts';
import { makeRenderLetters } from '../../src/delivery/letter/render-letters.job.ts';
import { startApproved } from '../../src/delivery/notice-state.store.ts';
import { letterBatchRoutes } from '../../src/http/api/letter-batches.routes.ts';
import { letterCheckRoutes } from '../../src/http/api/letter-checks.routes.ts';
import { letterFileRoutes } from '../../src/http/api/letter-files.routes.ts';
import { letterTrackingRoutes } from '../../src/http/api/letter-tracking.routes.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import type { LetterPress } from '../../src/rendering/types.ts';
import { recount } from '../../src/reporting/recount.store.ts';
import type { Services } from '../../src/services.ts';
import { claimTask } from '../../src/tasks/task.store.ts';
import { apiDesk } from '../integration/intake/api-desk.ts';
import type { TestServerOptions } from './http.ts';

/** A batch as the API answers it. */
export interface BatchAnswer {
  id: string;
  number: number;
  letters: number;
  pages: number;
  sha256: string;
  state: string;
  locale: string;
  country: string;
  sheets: number;
  weightGrams: number;
  deliveredAt: string | null;
}

const LETTERS_PER_BATCH = 5;
const HEAD = '顧客番号,氏名,郵便番号,住所,国';

/** A list of so many persons in Japan, whose postal codes are in no order. */
export const peopleCsv = (count: number, further: string[] = []): string =>
  [
    HEAD,
    ...Array.from({ length: count }, (_, i) => {
      const code = `100-000${1 + ((i * 3) % 7)}`;
      return `${i + 1},見本 太郎${'一二三四五六七八九十'[i % 10]},${code},東京都千代田区千代田1-${i + 1},JP`;
    }),
    ...further,
  ].join('\r\n');

export type LetterDesk = Awaited<ReturnType<typeof letterDesk>>;

/** An operator with letters of approved notices, a press, and a worker who does at once what becomes necessary. */
export async function letterDesk(
  settings: Record<string, string> = {},
  around: (press: LetterPress) => LetterPress = (press) => press,
  further: Pick<TestServerOptions, 'routes' | 'barcode' | 'postal'> = {},
) {
  const desk = await apiDesk({
    settings,
    ...(further.barcode && { barcode: further.barcode }),
    ...(further.postal && { postal: further.postal }),
    routes: (services) => [
      ...[letterBatchRoutes(services), letterFileRoutes(services), letterTrackingRoutes(services)],
      ...[letterCheckRoutes(services), ...(further.routes?.(services) ?? [])],
    ],
  });
  const { server, post, get } = desk;
  const { services } = server;
  const { db, config } = services;
  const press = around(makeLetterPress({ threads: 1 }));
  const take = async (taskId: string) => {
    const workerId = randomUUID();
    await db.insertInto('workers').values({ id: workerId }).execute();
    const task = await claimTask(db, taskId, workerId);
    if (!task) throw new Error('nobody made this task');
    return task;
  };
  const render = async (taskId: string | null | undefined, stopping = new AbortController().signal): Promise<void> => {
    if (!taskId) throw new Error('nothing is to be rendered');
    const drops = config.printer.drop !== null;
    const needs = { ...services, press, drops, lettersPerBatch: LETTERS_PER_BATCH, stopping };
    await makeRenderLetters(needs)(await take(taskId));
  };
  const batches = async (noticeId: string): Promise<BatchAnswer[]> =>
    (await get(`/v1/notices/${noticeId}/letter-batches`)).items;
  return {
    ...{ ...desk, services, db, press, render, batches, lettersPerBatch: LETTERS_PER_BATCH },
    close: async () => {
      await press.close();
      await desk.close();
    },
    due: () => closeDueBatches(db, LETTERS_PER_BATCH, '23:59'),
    renderNow: async (noticeId: string) => render(await closeBatchNow(db, noticeId)),
    /** Does the delivery that was asked for last. */
    drop: async (deps: Partial<Services> = {}) => {
      const { id } = await db
        .selectFrom('tasks')
        .select('id')
        .where('kind', '=', 'drop-batch')
        .where('worker_id', 'is', null)
        .orderBy('id')
        .executeTakeFirstOrThrow();
      await makeDropBatch({ ...services, ...deps, printer: config.printer })(await take(id));
    },
    /** A notice by letter to everybody on a list, approved and sending; nothing of it is rendered. */
    async sending(csv: string, over: { incidentId?: string; notice?: object } = {}): Promise<string> {
      const incidentId = over.incidentId ?? (await desk.openIncident());
      await desk.list(incidentId, csv);
      const noticeId = await desk.freeze(incidentId, over.notice);
      const { digest, persons } = await get(`/v1/notices/${noticeId}`);
      await desk.ok('approver', 'POST', `/v1/notices/${noticeId}/approve`, { digest, persons });
      await startApproved(db);
      return noticeId;
    },
    /** The same with its first batches rendered. */
    async rendered(csv: string): Promise<{ noticeId: string; batches: [BatchAnswer, ...BatchAnswer[]] }> {
      const noticeId = await this.sending(csv);
      await render((await this.due())[0]);
      return { noticeId, batches: (await batches(noticeId)) as [BatchAnswer, ...BatchAnswer[]] };
    },
    handOver: ({ id, letters, pages }: BatchAnswer) =>
      post(`/v1/letter-batches/${id}/handed-over`, { at: '2026-11-24T10:00:00+09:00', letters, pages }),
    postBatch: ({ id }: BatchAnswer) => post(`/v1/letter-batches/${id}/posted`, { on: '2026-11-25' }),
    download: async (url: string, who: 'operator' | 'staff' = 'operator') => {
      const { app, keys } = server;
      const answer = await app.inject({ url, headers: { authorization: `Bearer ${keys[who]}` } });
      return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload };
    },
    isBalanced: (noticeId: string) => recount(db, noticeId),
  };
}
