import type { Db } from '../../db/database.ts';
import type { Services } from '../../services.ts';
import { pauseNotice } from '../notice-state.store.ts';
import {
  countWorkers,
  type DueLane,
  dueLanes,
  keepWindows,
  laneStates,
  outstandingPermissions,
  paceUsed,
  permit,
  type SendingRow,
  sendingNotices,
} from './dispatch.store.ts';
import { laneAllowance, limitsOf } from './domain-limits.ts';
import { moveToLanes } from './mail-domains.store.ts';
import { mostAhead, type Permission, paceAllowance, paceHour, planPermissions } from './permissions.ts';
import { frozenWindowAt, type WindowState } from './window.ts';

type Needs = Pick<Services, 'db' | 'log' | 'simulated'>;

/** A sending notice that may send now: it has no window, or is in it since then. */
interface Ready extends SendingRow {
  openSince: Date | null;
}

/**
 * Hands out what may go now: within windows, paces, and the limits of mail domains, which all notices share.
 * @param epoch of our lease: whoever has lost it hands out nothing
 * @returns the task ids to hint at
 */
export async function handOut(needs: Needs, epoch: string): Promise<string[]> {
  const { db } = needs;
  const sending = await sendingNotices(db);
  if (sending.length === 0) return [];
  const ready = await openNotices(needs, epoch, sending);
  if (ready.length === 0) return [];
  const ids = ready.map(({ id }) => id);
  const liveWorkers = await countWorkers(db);
  await moveToLanes(db, ids);
  // Permissions first: one that is used meanwhile counts as handed out, and not as due once more.
  const outstanding = await outstandingPermissions(db);
  const due = await dueLanes(db, ids, mostAhead(liveWorkers));
  if (due.length === 0) return [];
  const budgets = await laneBudgets(needs, due, outstanding, ready[0]?.now ?? new Date(0));
  const hours = await paces(db, ready);
  const tasks: string[] = [];
  for (const { id } of ready) {
    const own = outstanding.filter(({ noticeId }) => noticeId === id);
    const pace = hours.get(id);
    const permissions = planPermissions({
      lanes: due
        .filter(({ noticeId }) => noticeId === id)
        .map(({ lane, due: pending }) => ({
          lane,
          due: pending - (own.find((other) => other.lane === lane)?.outstanding ?? 0),
          allowance: budgets.get(lane)?.left ?? null,
        })),
      ...{ outstanding: own.reduce((sum, lane) => sum + lane.outstanding, 0), liveWorkers },
      allowance: pace?.allowance ?? null,
    });
    if (permissions.length === 0) continue;
    const lanes = take(budgets, permissions);
    tasks.push(...(await permit(db, epoch, { noticeId: id, permissions, hour: pace?.hour ?? null, lanes })));
  }
  return tasks;
}

/** Keeps windows open and closed, and returns the notices that have something due and may send it. */
async function openNotices({ db, log }: Needs, epoch: string, sending: SendingRow[]): Promise<Ready[]> {
  const states = new Map<string, WindowState>();
  for (const { id, window, now } of sending) {
    if (window) states.set(id, frozenWindowAt(window, now));
  }
  if (states.size > 0) {
    const windows = [...states].map(([id, state]) => ({
      ...{ id, openUntil: 'openUntil' in state ? state.openUntil : null },
    }));
    await keepWindows(db, epoch, windows);
  }
  const ready: Ready[] = [];
  for (const notice of sending) {
    const state = states.get(notice.id);
    if (state && 'opensAt' in state) {
      // Nobody is left out without anyone's knowing: what would wait for ever asks for a person.
      if (state.opensAt === null && notice.pending + notice.deferred > 0) {
        await pauseNotice(db, notice.id, 'window_over');
        log.error({ event: 'notice.paused', noticeId: notice.id, because: 'window_over' });
      }
    } else if (notice.pending > 0) {
      ready.push({ ...notice, openSince: state?.openSince ?? null });
    }
  }
  return ready;
}

interface Pace {
  hour: Date;
  allowance: number;
}

/** The present hour of each notice with a pace, and what of it is left at this moment. */
async function paces(db: Db, ready: Ready[]): Promise<Map<string, Pace>> {
  const hours = ready
    .filter(({ perHour }) => perHour !== null)
    .map((notice) => ({
      ...{ noticeId: notice.id, perHour: notice.perHour ?? 0, now: notice.now },
      hour: paceHour(notice.now, [notice.approvedAt, notice.startAt, notice.openSince]),
    }));
  if (hours.length === 0) return new Map();
  const used = await paceUsed(db, hours);
  return new Map(
    hours.map(({ noticeId, perHour, now, hour }) => {
      const seconds = (now.getTime() - hour.getTime()) / 1000;
      return [noticeId, { hour, allowance: paceAllowance(perHour, seconds, used.get(noticeId) ?? 0) }];
    }),
  );
}

/** What a lane's limits still allow in this tick, and how much of its time each email takes. */
interface LaneBudget {
  /** Null: no limit. */
  left: number | null;
  secondsEach: number;
}

async function laneBudgets(
  { db, simulated }: Needs,
  due: DueLane[],
  outstanding: Awaited<ReturnType<typeof outstandingPermissions>>,
  now: Date,
): Promise<Map<string, LaneBudget>> {
  const lanes = [...new Set(due.map(({ lane }) => lane))].filter((lane) => lane !== '');
  if (lanes.length === 0) return new Map();
  return new Map(
    (await laneStates(db, lanes)).map((state) => {
      const limits = limitsOf(state.domain, state, simulated);
      const permitted = outstanding.filter(({ lane }) => lane === state.domain);
      const inFlight = state.inFlight + permitted.reduce((sum, one) => sum + one.outstanding, 0);
      const secondsEach = limits.perMinute === null ? 0 : 60 / limits.perMinute;
      return [state.domain, { left: laneAllowance(limits, { ...state, inFlight }, now), secondsEach }];
    }),
  );
}

/** Takes permissions out of the budgets of their lanes: the next notice of this tick has what is left. */
function take(budgets: Map<string, LaneBudget>, permissions: Permission[]) {
  return [...Map.groupBy(permissions, ({ lane }) => lane)].flatMap(([lane, of]) => {
    const budget = budgets.get(lane);
    if (!budget) return [];
    const size = of.reduce((sum, permission) => sum + permission.size, 0);
    if (budget.left !== null) budget.left -= size;
    return [{ lane, size, seconds: size * budget.secondsEach }];
  });
}
