import { audit } from '../../audit/audit.store.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { columnPositions } from '../columns/columns.ts';
import { type ListKind, makesPersons } from '../columns/list-kind.ts';
import { type CheckedRow, makeRowCheck } from '../fields/check-row.ts';
import { prepareListWork } from '../matching/match.store.ts';
import { sealReason } from '../persons/seal-reason.ts';
import { acceptMarks } from './accept-marks.store.ts';
import { acceptRows } from './accept-rows.store.ts';
import { fingerprintOf } from './check-rows.store.ts';
import { moveWarnings } from './figures.ts';
import { readingContext } from './incident-context.store.ts';
import {
  type ListRow,
  type ListWarning,
  optionsOf,
  understandingOf,
  updateFigures,
  updateWarnings,
} from './list.store.ts';
import { type RowPage, readRows, rowOpener } from './row.store.ts';
import { packRow } from './row-data.ts';
import {
  changeRows,
  clearExclusion,
  countOn,
  countRows,
  countUndecided,
  lockList,
  markAllExcluded,
  markExcluded,
  type RowChange,
} from './row-decisions.store.ts';
import {
  type CorrectableRow,
  type Correction,
  checkAgain,
  correctRow,
  type ListRules,
  notWaivable,
} from './row-desk.ts';
import { type OpenedRow, rowPage } from './row-pages.store.ts';

type Needs = Pick<Services, 'db' | 'vault' | 'postal'>;

/** Which row, and who decides on it. */
export interface RowAsked {
  listId: string;
  line: number;
  userId: string;
}

/** A list whose rows an operator decides on, held to the end of the transaction. */
interface Desk {
  trx: Db;
  list: ListRow;
  vault: IncidentVault;
}

type StoredRow = RowPage & CorrectableRow;

/**
 * Corrects cells of a quarantined row, which then goes through the check of its list again. A row that is usable then
 * is `fixed` and stands where it would stand had it come so; another stays quarantined, for the reasons it now has.
 * @throws OwabiError `not_found`, `wrong_state`, `invalid_body`
 */
export async function correctQuarantined(
  services: Needs,
  asked: RowAsked,
  { cells, reason }: { cells: Correction; reason: string | null },
): Promise<OpenedRow> {
  return atDesk(services, asked.listId, async (desk) => {
    const row = await requireRow(desk, asked.line);
    if (row.outcome === 'quarantined') requireUndecided(row);
    const rules = await rulesOf(desk, services.postal);
    const corrected = correctRow(row, cells, rules);
    if (row.outcome !== 'quarantined') {
      // Said again, because the answer was lost: nothing more is to be done.
      if (row.decision === 'fixed' && isSame(corrected, row)) return show(desk, asked.line);
      throw notQuarantined(row);
    }
    const checked = checkAgain(corrected, rules, 'strictly');
    const usable = checked.data.fields !== null;
    const by = {
      decision: 'fixed' as const,
      userId: asked.userId,
      reasonSealed: reason === null ? null : sealReason(desk.vault, reason),
    };
    await changeRows(desk.trx, desk.list.id, [changeOf(desk, row.ordinal, checked)], usable ? by : null);
    const warnings = moveWarnings(desk.list.warnings as unknown as ListWarning[], row.warnings, checked.warnings);
    await updateWarnings(desk.trx, desk.list.id, warnings);
    await settleRows(desk, usable ? [row.ordinal] : []);
    await audit(desk.trx, asked.userId, 'row.correct', 'list', desk.list.id, { line: row.line, usable });
    return show(desk, asked.line);
  });
}

/**
 * Accepts a quarantined row as it is: an operator answers for it. Its reasons stay with it.
 * @throws OwabiError `not_found`, `wrong_state` also when nobody can answer for one of its reasons
 */
export async function acceptQuarantined(services: Needs, asked: RowAsked, reason: string): Promise<OpenedRow> {
  return atDesk(services, asked.listId, async (desk) => {
    const row = await requireRow(desk, asked.line);
    if (row.decision === 'accepted') return show(desk, asked.line);
    requireUndecided(row);
    const { change, unusable } = takeAsItIs(desk, row, await rulesOf(desk, services.postal));
    if (!change) throw mustBeCorrected(unusable);
    const by = { decision: 'accepted' as const, userId: asked.userId, reasonSealed: sealReason(desk.vault, reason) };
    await changeRows(desk.trx, desk.list.id, [change], by);
    await settleRows(desk, [row.ordinal]);
    await audit(desk.trx, asked.userId, 'row.accept', 'list', desk.list.id, { line: row.line });
    return show(desk, asked.line);
  });
}

/**
 * Decides to leave a quarantined row out. It stays quarantined, and counts as such.
 * @throws OwabiError `not_found`, `wrong_state`
 */
export async function excludeQuarantined(services: Needs, asked: RowAsked, reason: string): Promise<OpenedRow> {
  return atDesk(services, asked.listId, async (desk) => {
    const row = await requireRow(desk, asked.line);
    if (row.outcome !== 'quarantined') throw notQuarantined(row);
    const by = { userId: asked.userId, reasonSealed: sealReason(desk.vault, reason) };
    const excluded = await markExcluded(desk.trx, desk.list.id, row.ordinal, by);
    if (excluded > 0) await audit(desk.trx, asked.userId, 'row.exclude', 'list', desk.list.id, { line: row.line });
    return show(desk, asked.line);
  });
}

/**
 * Takes an exclusion back: the row waits for a decision again.
 * @throws OwabiError `not_found`, `wrong_state`
 */
export async function reopenQuarantined(services: Needs, asked: RowAsked): Promise<OpenedRow> {
  return atDesk(services, asked.listId, async (desk) => {
    const row = await requireRow(desk, asked.line);
    if (row.outcome !== 'quarantined') throw notQuarantined(row);
    await clearExclusion(desk.trx, desk.list.id, row.ordinal);
    if (row.decision !== null)
      await audit(desk.trx, asked.userId, 'row.reopen', 'list', desk.list.id, { line: row.line });
    return show(desk, asked.line);
  });
}

/** Which rows, and who decides on all of them. */
export interface RowsAsked {
  listId: string;
  /** All undecided quarantined rows with this reason. */
  quarantineReason: string;
  reason: string;
  userId: string;
}

export interface DecidedRows {
  /** Rows that were decided. */
  rows: number;
  /** Rows with that reason that still wait: something else is wrong with them for which nobody can answer. */
  left: number;
}

const PAGE = 1_000;

/**
 * Accepts all rows with a reason as they are.
 * @throws OwabiError `not_found`, `wrong_state`
 */
export async function acceptAll(services: Needs, asked: RowsAsked): Promise<DecidedRows> {
  const { quarantineReason, userId } = asked;
  const impossible = notWaivable([quarantineReason]);
  return atDesk(services, asked.listId, async (desk) => {
    if (impossible.length > 0) throw mustBeCorrected(impossible);
    const rules = await rulesOf(desk, services.postal);
    const by = { decision: 'accepted' as const, userId, reasonSealed: sealReason(desk.vault, asked.reason) };
    const ordinals: number[] = [];
    for await (const page of undecidedRows(desk, quarantineReason)) {
      const changes = page.flatMap((row) => takeAsItIs(desk, row, rules).change ?? []);
      await changeRows(desk.trx, desk.list.id, changes, by);
      for (const { ordinal } of changes) ordinals.push(ordinal);
    }
    await settleRows(desk, ordinals);
    return conclude(desk, 'rows.accept', ordinals.length, asked);
  });
}

/**
 * Leaves all rows with a reason out.
 * @throws OwabiError `not_found`, `wrong_state`
 */
export async function excludeAll(services: Needs, asked: RowsAsked): Promise<DecidedRows> {
  return atDesk(services, asked.listId, async (desk) => {
    const by = { userId: asked.userId, reasonSealed: sealReason(desk.vault, asked.reason) };
    const rows = await markAllExcluded(desk.trx, desk.list.id, asked.quarantineReason, by);
    return conclude(desk, 'rows.exclude', rows, asked);
  });
}

async function conclude({ trx, list }: Desk, action: string, rows: number, asked: RowsAsked): Promise<DecidedRows> {
  const { quarantineReason, userId } = asked;
  await audit(trx, userId, action, 'list', list.id, { quarantineReason, rows });
  return { rows, left: await countUndecided(trx, list.id, quarantineReason) };
}

async function atDesk<T>({ db, vault }: Needs, listId: string, work: (desk: Desk) => Promise<T>): Promise<T> {
  return inTransaction(db, async (trx) => {
    await prepareListWork(trx);
    const list = await lockList(trx, listId);
    return work({ trx, list, vault: await vault.forIncident(list.incident_id) });
  });
}

/** The check that the list's rows went through when it was read. */
async function rulesOf({ trx, list, vault }: Desk, postal: Needs['postal']): Promise<ListRules> {
  const { columns } = understandingOf(list, vault);
  const header = columns.map(({ name }) => name);
  const notCards = new Set(columnPositions(header, optionsOf(list, vault).notCards));
  const context = await readingContext(trx, list.incident_id, header);
  const kind = list.kind as ListKind;
  return { columns, notCards, check: makeRowCheck({ columns, notCards, kind, ...context, postal: postal() }) };
}

async function openRows({ trx, list, vault }: Desk, rows: readonly RowPage[]): Promise<StoredRow[]> {
  const data = await rowOpener(trx, list.id, vault)(rows);
  return rows.map((row, i) => ({ ...row, data: data[i] ?? { cells: [], fields: null } }));
}

async function requireRow(desk: Desk, line: number): Promise<StoredRow> {
  const found = await readRows(desk.trx, desk.list.id, { after: 0, limit: 1, outcome: null, line });
  const [row] = await openRows(desk, found);
  if (!row) throw new OwabiError('not_found', 'No row of this list begins on this line.');
  return row;
}

async function* undecidedRows(desk: Desk, reason: string): AsyncGenerator<StoredRow[]> {
  for (let after = 0; ; ) {
    const wanted = { after, limit: PAGE, outcome: 'quarantined', reason, undecided: true } as const;
    const rows = await readRows(desk.trx, desk.list.id, wanted);
    const last = rows.at(-1);
    if (!last) return;
    yield await openRows(desk, rows);
    after = last.ordinal;
  }
}

async function show({ trx, list, vault }: Desk, line: number): Promise<OpenedRow> {
  const [row] = await rowPage(trx, vault, list.id, { after: 0, limit: 1, outcome: null, line });
  if (!row) throw new Error(`list ${list.id} has lost its line ${line}`);
  return row;
}

/** A row with its reasons waived, or the reasons for which nobody can answer. */
function takeAsItIs(desk: Desk, row: StoredRow, rules: ListRules): { change: RowChange | null; unusable: string[] } {
  const checked = checkAgain(row, rules, 'as_it_is');
  const unusable = notWaivable([...new Set([...row.reasons, ...checked.reasons])]);
  if (unusable.length > 0 || checked.data.fields === null) return { change: null, unusable };
  // Why it was quarantined, and what was noticed, stays as it was found.
  const { reasons, warnings } = row;
  return { change: { ...changeOf(desk, row.ordinal, checked), reasons, warnings }, unusable };
}

function changeOf(
  { list, vault }: Desk,
  ordinal: number,
  { data, reasons, warnings, identity }: CheckedRow,
): RowChange {
  return {
    ...{ ordinal, reasons, warnings, outcome: data.fields === null ? 'quarantined' : 'accepted' },
    fingerprint: identity === null ? null : fingerprintOf(list, vault, identity),
    exposureUnits: data.fields !== null && list.kind === 'affected' ? data.fields.cardCount : 0,
    sealed: vault.sealJson('list-row', packRow(data)),
  };
}

/**
 * Takes rows that became usable in: at once when the list is accepted; else they are part of its forecast, as persons
 * of their own until they are matched. The figures are counted anew, so that they add up whatever happened.
 */
async function settleRows({ trx, list, vault }: Desk, ordinals: readonly number[]): Promise<void> {
  const isOfPersons = makesPersons(list.kind as ListKind);
  // Nobody yet, for all that is known, where rows only point at persons.
  let persons = list.persons + (isOfPersons ? ordinals.length : 0);
  let candidates = list.candidates;
  if (ordinals.length > 0) await countOn(trx, list.id, ordinals);
  if (ordinals.length > 0 && list.status === 'accepted') {
    const taken = await (isOfPersons ? acceptRows : acceptMarks)(trx, list, vault, ordinals);
    persons = taken.persons;
    candidates += taken.candidates;
  }
  const counted = await countRows(trx, list.id);
  const isCounted = isOfPersons && list.status === 'accepted';
  await updateFigures(trx, list.id, isCounted ? counted : { ...counted, persons }, candidates);
}

function isSame(corrected: CorrectableRow, stored: CorrectableRow): boolean {
  return corrected.data.cells.every((cell, index) => cell === stored.data.cells[index]);
}

function requireUndecided(row: StoredRow): void {
  if (row.outcome !== 'quarantined') throw notQuarantined(row);
  if (row.decision !== null) {
    throw new OwabiError('wrong_state', 'The row was excluded; reopen it first.');
  }
}

function notQuarantined({ outcome }: StoredRow): OwabiError {
  return new OwabiError('wrong_state', `The row is ${outcome}; only a quarantined one can be decided on.`);
}

function mustBeCorrected(reasons: readonly string[]): OwabiError {
  const codes = reasons.join(', ');
  return new OwabiError('wrong_state', `Rows with ${codes} cannot be accepted as they are: correct or exclude them.`);
}
