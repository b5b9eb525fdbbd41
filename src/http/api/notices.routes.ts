import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { fullWindow, PaceWindow, windowProblem } from '../../delivery/dispatch/window.ts';
import { demandRelays, type RunPreflight } from '../../delivery/preflight/preflight.ts';
import { latestPreflights } from '../../delivery/preflight/preflights.store.ts';
import { OwabiError } from '../../errors.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import { Audience } from '../../notice/audience.ts';
import {
  approveNotice,
  cancelNotice,
  createNotice,
  editNotice,
  getNotice,
  type NoticeDraft,
  type NoticeRow,
  pauseByUser,
  resumeNotice,
  submitNotice,
} from '../../notice/notices.store.ts';
import { type ChannelPolicy, channelPolicies, usesEmail } from '../../notice/plan-deliveries.ts';
import { findProfile } from '../../rendering/letter-profiles/letter-profiles.store.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, OneOf, Page, PageQuery, Time } from '../schemas.ts';

const Pace = closed(
  {
    perHour: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    window: Type.Optional(PaceWindow),
  },
  { description: 'At least one of both.', minProperties: 1 },
);
const Breaker = closed({
  bounceShare: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  after: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
});
const ShownBreaker = Type.Object({ bounceShare: Type.Number(), after: Type.Integer() });

const draftFields = {
  template: Type.String({ minLength: 1, maxLength: 100 }),
  channels: OneOf(...channelPolicies),
  audience: Type.Optional(Audience),
  startAt: Type.Optional(Nullable(Type.String({ format: 'date-time', description: 'Not before this instant.' }))),
  pace: Type.Optional(Nullable(Pace)),
  breaker: Type.Optional(Breaker),
  onUncertain: Type.Optional(OneOf('hold', 'resend')),
  letterProfile: Type.Optional(
    Nullable(Type.String({ maxLength: 100, description: 'The envelope: see GET /v1/letter-profiles.' })),
  ),
};
const NewNotice = closed(draftFields);
const NoticePatch = closed({
  ...draftFields,
  template: Type.Optional(draftFields.template),
  channels: Type.Optional(draftFields.channels),
});

const Problem = Type.Object({
  ...{ code: Type.String(), severity: OneOf('blocking', 'person'), message: Type.String(), count: Type.Integer() },
  ...{ personIds: Type.Array(Type.String()), where: Type.String() },
});

const Notice = Type.Object({
  ...{ id: Type.String(), incidentId: Type.String(), template: Type.String(), channels: OneOf(...channelPolicies) },
  ...{ audience: Audience, startAt: Nullable(Time), pace: Nullable(Pace), breaker: ShownBreaker },
  onUncertain: OneOf('hold', 'resend'),
  letterProfile: Nullable(Type.String({ description: "Null: the default of the incident's language." })),
  status: OneOf('draft', 'freezing', 'awaiting_approval', 'approved', 'sending', 'paused', 'completed', 'cancelled'),
  pausedBecause: Nullable(Type.String()),
  digest: Nullable(Type.String({ description: 'SHA-256 over audience, facts, template and every rendering.' })),
  persons: Nullable(Type.Integer()),
  problems: Type.Array(Problem),
  ...{ createdAt: Time, submittedAt: Nullable(Time), approvedAt: Nullable(Time), completedAt: Nullable(Time) },
  simulated: Type.Boolean(),
  preflight: Nullable(
    Type.Object(
      { id: Type.String(), result: OneOf('passed', 'warned', 'failed') },
      { description: 'The latest one of this notice: read it before you approve.' },
    ),
  ),
});

const Approval = closed({
  digest: Type.String({ minLength: 1, maxLength: 200 }),
  persons: Type.Integer({ minimum: 0 }),
  overlap: Type.Optional(Type.Integer({ minimum: 0 })),
});

type Body = Static<typeof NoticePatch>;

function readDraft(body: Body): Partial<NoticeDraft> {
  return {
    ...(body.template !== undefined && { template: body.template }),
    ...(body.channels !== undefined && { channels: body.channels as ChannelPolicy }),
    ...(body.audience !== undefined && { audience: body.audience }),
    ...(body.startAt !== undefined && { startAt: body.startAt }),
    ...(body.pace !== undefined && { perHour: body.pace?.perHour ?? null, window: body.pace?.window ?? null }),
    ...(body.breaker !== undefined && { breaker: body.breaker }),
    ...(body.onUncertain !== undefined && { onUncertain: body.onUncertain }),
    ...(body.letterProfile !== undefined && { letterProfile: body.letterProfile }),
  };
}

const defaults = {
  ...{ audience: { all: true as const }, startAt: null, perHour: null, window: null, onUncertain: 'hold' as const },
  ...{ breaker: { bounceShare: 0.1, after: 200 }, letterProfile: null },
};

function showPace({ per_hour, pace_window }: NoticeRow): Static<typeof Pace> | null {
  const pace = {
    ...(per_hour !== null && { perHour: per_hour }),
    ...(pace_window !== null && { window: pace_window as PaceWindow }),
  };
  return Object.keys(pace).length === 0 ? null : pace;
}

/** Refuses a window that cannot be used; that of the hotline is looked at when its hours are frozen. */
async function refuseWindow(db: Db, window: PaceWindow | null | undefined, incidentId: string): Promise<void> {
  if (!window || window === 'hotline') return;
  const { time_zone } = await db
    .selectFrom('incidents')
    .select('time_zone')
    .where('id', '=', incidentId)
    .executeTakeFirstOrThrow();
  const problem = windowProblem(fullWindow(window), time_zone);
  if (!problem) return;
  const errors = [{ path: `pace.window.${problem.field}`, message: problem.message }];
  throw new OwabiError('invalid_body', problem.message, { errors });
}

function showNotice(
  row: NoticeRow,
  simulated: boolean,
  preflights: Awaited<ReturnType<typeof latestPreflights>>,
): Static<typeof Notice> {
  const at = (time: Date | null) => time?.toISOString() ?? null;
  return {
    ...{ id: row.id, incidentId: row.incident_id, template: row.template, channels: row.channels as ChannelPolicy },
    audience: row.audience as Static<typeof Audience>,
    startAt: at(row.start_at),
    pace: showPace(row),
    breaker: { bounceShare: row.breaker_share, after: row.breaker_after },
    ...{ onUncertain: row.on_uncertain as 'hold' | 'resend', letterProfile: row.letter_profile },
    status: row.status as Static<typeof Notice>['status'],
    ...{ pausedBecause: row.paused_because, digest: row.digest, persons: row.persons },
    problems: row.problems as unknown as Static<typeof Problem>[],
    ...{ createdAt: row.created_at.toISOString(), submittedAt: at(row.submitted_at), approvedAt: at(row.approved_at) },
    ...{ completedAt: at(row.completed_at), simulated, preflight: preflights.get(row.id) ?? null },
  };
}

type Needs = Pick<Services, 'db' | 'templates' | 'hint' | 'simulated'> & {
  /** Runs before a notice with email is submitted; null when no relay is set. */
  preflight: RunPreflight | null;
};

const show = async (row: NoticeRow, { db, simulated }: Needs): Promise<Static<typeof Notice>> =>
  showNotice(row, simulated, await latestPreflights(db, [row.id]));

/** Notices: drafted by an operator, frozen at submit, approved by somebody else, sent, paused, resumed, cancelled. */
export const noticeRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    draftRoutes(app, services);
    releaseRoutes(app, services);
  };

function draftRoutes(app: App, needs: Needs): void {
  const { db, templates, simulated } = needs;
  const refuseUnknown = async (draft: Partial<NoticeDraft>, incidentId: string): Promise<void> => {
    if (draft.template !== undefined && !templates.has(draft.template)) {
      throw new OwabiError('invalid_body', `There is no template "${draft.template}": GET /v1/templates lists them.`);
    }
    if (draft.letterProfile && !(await findProfile(db, draft.letterProfile))) {
      throw new OwabiError('invalid_body', 'There is no envelope profile with this id: GET /v1/letter-profiles.');
    }
    const audience = draft.audience;
    const lists = audience?.lists ?? [];
    const notices = audience?.notIn ?? [];
    const [foundLists, foundNotices] = await Promise.all([
      db.selectFrom('affected_lists').select('id').where('incident_id', '=', incidentId).execute(),
      db.selectFrom('notices').select('id').where('incident_id', '=', incidentId).execute(),
    ]);
    const missing = [
      ...lists.filter((id) => !foundLists.some((list) => list.id === id)).map((id) => `list ${id}`),
      ...notices.filter((id) => !foundNotices.some((notice) => notice.id === id)).map((id) => `notice ${id}`),
    ];
    if (missing.length > 0) {
      throw new OwabiError(
        'invalid_body',
        `The audience names what this incident does not have: ${missing.join(', ')}.`,
      );
    }
  };
  const tags = ['notices'];

  app.post(
    '/v1/incidents/:id/notices',
    {
      schema: { tags, summary: 'Draft a notice', params: IdParams, body: NewNotice, response: { 201: Notice } },
      config: { roles: ['operator'], creates: true },
    },
    async (request, reply) => {
      const incidentId = request.params.id;
      await requireIncident(db, incidentId);
      const given = readDraft(request.body);
      const draft = { ...defaults, ...given, breaker: { ...defaults.breaker, ...given.breaker } } as NoticeDraft;
      await refuseUnknown(draft, incidentId);
      await refuseWindow(db, draft.window, incidentId);
      const row = await inTransaction(db, (trx) => createNotice(trx, incidentId, request.user.id, draft));
      return reply.code(201).send(await show(row, needs));
    },
  );
  app.get(
    '/v1/incidents/:id/notices',
    {
      schema: {
        ...{ tags, summary: 'The notices of an incident', params: IdParams, querystring: PageQuery },
        response: { 200: Page(Notice) },
      },
    },
    async (request) => {
      await requireIncident(db, request.params.id);
      const page = pageRequest(request.query);
      const rows = await db
        .selectFrom('notices')
        .selectAll()
        .where('incident_id', '=', request.params.id)
        .where('id', '>', page.after ?? '0')
        .orderBy('id')
        .limit(page.limit + 1)
        .execute();
      const ids = rows.map((row) => row.id);
      const preflights = await latestPreflights(db, ids);
      return pageOf(
        rows,
        page,
        (row) => row.id,
        (row) => showNotice(row, simulated, preflights),
      );
    },
  );
  app.get(
    '/v1/notices/:id',
    { schema: { tags, summary: 'A notice', params: IdParams, response: { 200: Notice } } },
    async (request) => show(await getNotice(db, request.params.id), needs),
  );
  app.patch(
    '/v1/notices/:id',
    {
      schema: { tags, summary: 'Edit a draft', params: IdParams, body: NoticePatch, response: { 200: Notice } },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const { incident_id } = await getNotice(db, request.params.id);
      const draft = readDraft(request.body);
      await refuseUnknown(draft, incident_id);
      await refuseWindow(db, draft.window, incident_id);
      const row = await inTransaction(db, (trx) => editNotice(trx, request.params.id, request.user.id, draft));
      return show(row, needs);
    },
  );
}

function releaseRoutes(app: App, needs: Needs): void {
  const { db, hint, preflight } = needs;
  const tags = ['notices'];
  app.post(
    '/v1/notices/:id/submit',
    {
      schema: { tags, summary: 'Freeze a notice for approval', params: IdParams, response: { 202: Notice } },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { channels, status } = await getNotice(db, request.params.id);
      if (usesEmail(channels as ChannelPolicy)) {
        if (!preflight) throw new OwabiError('no_relay');
        // What is no draft is refused below, and needs no relay for that.
        if (status === 'draft') demandRelays(await preflight(request.user.id, request.params.id));
      }
      const { notice, taskId } = await inTransaction(db, async (trx) => {
        await audit(trx, request.user.id, 'notice.submit', 'notice', request.params.id);
        return submitNotice(trx, request.params.id, request.user.id);
      });
      hint('freeze-notice', taskId);
      return reply.code(202).send(await show(notice, needs));
    },
  );
  app.post(
    '/v1/notices/:id/approve',
    {
      schema: { tags, summary: 'Approve what is frozen', params: IdParams, body: Approval, response: { 200: Notice } },
      config: { roles: ['approver'] },
    },
    async (request) => {
      const { id } = request.params;
      const row = await inTransaction(db, async (trx) => {
        const { digest, persons } = request.body;
        await audit(trx, request.user.id, 'notice.approve', 'notice', id, { digest, persons });
        return approveNotice(trx, id, request.user.id, request.body);
      });
      return show(row, needs);
    },
  );
  const steps = { pause: pauseByUser, resume: resumeNotice, cancel: cancelNotice };
  for (const [name, step] of Object.entries(steps)) {
    app.post(
      `/v1/notices/:id/${name}`,
      {
        schema: { tags, summary: `${name} a notice`, params: IdParams, response: { 200: Notice } },
        config: { roles: ['operator', 'approver'] },
      },
      async (request) => {
        const { id } = request.params as { id: string };
        const row = await inTransaction(db, async (trx) => {
          await audit(trx, request.user.id, `notice.${name}`, 'notice', id);
          return step(trx, id, request.user.id);
        });
        return show(row, needs);
      },
    );
  }
}
