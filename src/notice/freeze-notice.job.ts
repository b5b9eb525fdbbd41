import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { inTransaction } from '../db/database.ts';
import type { DB } from '../db/schema.ts';
import type { PaceWindow } from '../delivery/dispatch/window.ts';
import { analyzeLedger } from '../delivery/ledger.store.ts';
import { findSuppressions } from '../delivery/suppressions.store.ts';
import { type ErrorCode, errorCodes, OwabiError } from '../errors.ts';
import type { EnvelopeProfile } from '../rendering/letter-profiles/envelope-profile.ts';
import { findProfile } from '../rendering/letter-profiles/letter-profiles.store.ts';
import { defaultProfile } from '../rendering/letter-profiles/shipped-profiles.ts';
import type { LetterPress, NoticeLocale } from '../rendering/types.ts';
import { recount } from '../reporting/recount.store.ts';
import type { Services } from '../services.ts';
import { finishTask, type Task } from '../tasks/task.store.ts';
import type { IncidentVault } from '../vault/vault.ts';
import type { Audience } from './audience.ts';
import { checkTemplate } from './check-template.ts';
import { checkWindow } from './check-window.ts';
import { canonicalJson, NoticeDigest } from './content-hash.ts';
import { readAudience, type SnapshotDelivery, type SnapshotPerson, writeSnapshot } from './freeze-notice.store.ts';
import { freezeOne, openPerson, type PersonProblem } from './freeze-person.ts';
import { letterWeights } from './letter-weights.ts';
import { type NoticeProblem, ProblemList } from './notice-problems.ts';
import type { ChannelPolicy } from './plan-deliveries.ts';
import { type NoticeRenderings, type NoticeSnapshot, renderingsOf } from './renderings.ts';

const CHUNK = 500;
const MAX_CLAIMS = 5;

type NoticeRow = Awaited<ReturnType<typeof loadFreezing>>;

interface FreezeDeps extends Pick<Services, 'db' | 'vault' | 'templates' | 'log'> {
  press: Pick<LetterPress, 'typeset'>;
}

/**
 * Freezes a submitted notice: copies the audience from one snapshot, renders everything once to check it, plans the
 * deliveries, and leaves the notice `awaiting_approval` with its digest, or `draft` again with what blocks it.
 */
export function makeFreezeNotice({ db, vault, templates, log, press }: FreezeDeps) {
  return async (task: Task): Promise<void> => {
    try {
      if (task.fence > MAX_CLAIMS)
        throw new OwabiError('render_failed', 'The notice could not be frozen in five tries.');
      await inTransaction(db, async (trx) => {
        // Everything below sees one moment: a list accepted meanwhile belongs to the next notice.
        await sql`set transaction isolation level repeatable read`.execute(trx);
        const notice = await loadFreezing(trx, task.subjectId);
        if (notice) await freeze(trx, notice, await vault.forIncident(notice.incident_id));
        await finishTask(trx, task);
      });
    } catch (error) {
      if (!(error instanceof OwabiError)) throw error;
      const problems = error instanceof Blocked ? error.problems : [blocking(error.code, error.message)];
      await backToDraft(db, task, problems);
      log.info({ event: 'notice.blocked', noticeId: task.subjectId, codes: problems.map((problem) => problem.code) });
    }
  };

  async function freeze(trx: Db, notice: NonNullable<NoticeRow>, incidentVault: IncidentVault): Promise<void> {
    const snapshot: Omit<NoticeSnapshot, 'templates'> = {
      letterProfile: await letterProfileOf(trx, notice),
      template: notice.template,
      facts: notice.facts as unknown as NoticeSnapshot['facts'],
      timeZone: notice.time_zone,
      locale: notice.locale as NoticeSnapshot['locale'],
    };
    const problems = new ProblemList();
    const renderings = renderingsOf(templates, snapshot);
    const policy = notice.channels as ChannelPolicy;
    const begins = new Date(Math.max(notice.now.getTime(), notice.start_at?.getTime() ?? 0));
    const window = checkWindow(notice.pace_window as PaceWindow | null, snapshot, begins, problems);
    await checkTemplate(templates, snapshot, renderings, policy, problems);
    if (problems.blocks()) throw new Blocked(problems.list());
    const hashes = Object.fromEntries(
      [...(templates.get(notice.template)?.locales ?? [])].map(([l, t]) => [l, t.sha256]),
    );
    const frozen: NoticeSnapshot = { ...snapshot, templates: hashes };
    const digest = new NoticeDigest(frozen, {
      ...{ channels: notice.channels, audience: notice.audience, perHour: notice.per_hour, window },
      ...{ onUncertain: notice.on_uncertain, startAt: notice.start_at?.toISOString() ?? null },
      breaker: [notice.breaker_share, notice.breaker_after],
    });
    const weigh = letterWeights(press, renderings, { check: true });
    const tooHeavy = async (locale: NoticeLocale) => (await weigh(locale)).tooHeavy;
    const freezing = { frozen, renderings, incidentVault, digest, problems, tooHeavy };
    const persons = await freezeAudience(trx, notice, freezing);
    if (persons === 0) problems.blocking('empty_audience', 'audience');
    if (problems.blocks()) throw new Blocked(problems.list());
    await trx
      .updateTable('notices')
      .set({
        ...{ status: 'awaiting_approval', snapshot: canonicalJson(frozen), digest: digest.finish(), persons },
        ...{ problems: JSON.stringify(problems.list()), updated_at: sql`now()` },
      })
      .where('id', '=', notice.id)
      .where('status', '=', 'freezing')
      .execute();
    await analyzeLedger(trx);
    await recount(trx, notice.id);
    log.info({ event: 'notice.frozen', noticeId: notice.id, persons });
  }
}

interface Freezing {
  frozen: NoticeSnapshot;
  renderings: NoticeRenderings;
  incidentVault: IncidentVault;
  digest: NoticeDigest;
  problems: ProblemList;
  tooHeavy(locale: NoticeLocale): Promise<boolean>;
}

async function freezeAudience(trx: Db, notice: NonNullable<NoticeRow>, freezing: Freezing): Promise<number> {
  const audience = notice.audience as Audience;
  let count = 0;
  let after = '0';
  for (;;) {
    const chunk = await readAudience(trx, notice.incident_id, audience, after, CHUNK);
    const last = chunk.at(-1);
    if (!last) return count;
    after = last.id;
    const persons: SnapshotPerson[] = [];
    const deliveries: SnapshotDelivery[] = [];
    const opened = chunk.map((person) => openPerson(person, freezing.incidentVault));
    const addresses = opened.flatMap(({ address }) => address?.key ?? []);
    const context = { ...freezing, suppressions: await findSuppressions(trx, notice.incident_id, addresses) };
    for (const open of opened) {
      const { person } = open;
      if (person.held && !person.excluded) {
        freezing.problems.ofPerson(person.id, { code: 'on_hold', where: 'audience', message: errorCodes.on_hold[1] });
        continue;
      }
      const one = await freezeOne(open, notice.channels as ChannelPolicy, context);
      freezing.digest.addPerson(person.id, person.excluded !== null, one.emailHash, one.person.letterHash);
      for (const problem of one.problems) freezing.problems.ofPerson(person.id, problem satisfies PersonProblem);
      persons.push(one.person);
      deliveries.push(...one.deliveries);
    }
    await writeSnapshot(trx, notice.id, persons, deliveries);
    count += persons.length;
  }
}

/** Something about the whole notice stands in the way of its approval. */
class Blocked extends OwabiError {
  readonly problems: NoticeProblem[];

  constructor(problems: NoticeProblem[]) {
    super('render_failed');
    this.problems = problems;
  }
}

/** The envelope of a notice's letters. */
async function letterProfileOf(trx: Db, notice: NonNullable<NoticeRow>): Promise<EnvelopeProfile> {
  const chosen = notice.letter_profile === null ? null : await findProfile(trx, notice.letter_profile);
  return chosen ?? defaultProfile(notice.locale as NoticeSnapshot['locale']);
}

const blocking = (code: ErrorCode, message: string): NoticeProblem => ({
  ...{ code, severity: 'blocking', message, count: 1, personIds: [], where: 'notice' },
});

async function loadFreezing(trx: Db, noticeId: string) {
  return await trx
    .selectFrom('notices as n')
    .innerJoin('incidents as i', 'i.id', 'n.incident_id')
    .selectAll('n')
    .select(['i.facts', 'i.locale', 'i.time_zone', sql<Date>`now()`.as('now')])
    .where('n.id', '=', noticeId)
    .where('n.status', '=', 'freezing')
    .forNoKeyUpdate('n')
    .executeTakeFirst();
}

async function backToDraft(db: Kysely<DB>, task: Task, problems: NoticeProblem[]): Promise<void> {
  await inTransaction(db, async (trx) => {
    await trx
      .updateTable('notices')
      .set({ status: 'draft', problems: JSON.stringify(problems), updated_at: sql`now()` })
      .where('id', '=', task.subjectId)
      .where('status', '=', 'freezing')
      .execute();
    await finishTask(trx, task);
  });
}
