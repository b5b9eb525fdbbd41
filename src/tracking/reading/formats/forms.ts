import { addressesIn, addressOf } from '../addresses.ts';
import type { ReportFormat, ReportMail, TextFinding } from '../report-mail.ts';
import { type Evidence, findingOf, isLate, linesOf, MOST_FINDINGS, oncePerRecipient } from './report-text.ts';

interface Form {
  name: string;
  source: string;
  /** Whether a mail is of this form. */
  isIt: Evidence;
  /** The line at which all has been said. */
  end?: RegExp;
  /** Lines that say nothing about why. */
  skip?: RegExp;
}

/** A form that names each address and beside or below it what was said of it. */
export interface ListedForm extends Form {
  /** The line after which the addresses stand; without it they may stand anywhere. */
  after?: RegExp;
  /** The line that begins an address: group `address`, and group `text` for what is said there (else the whole line). */
  recipient: RegExp;
  /** The line, below one that names no address, from which it can be told: group `address`. */
  alias?: RegExp;
  /** Below the address: the one that it was made from and that should count. */
  original?: RegExp;
  /** Lines before the first address that say why, for all of them. */
  reason?: RegExp;
  /** A header field that says why. */
  field?: string;
  /** True where a line of `recipient` without an address (a name only) counts. */
  names?: boolean;
  /** What the introduction says when the message arrived. */
  delivered?: RegExp;
}

interface Block {
  address: string | null;
  said: string[];
}

/** A format of `ListedForm`. */
export function listed(form: ListedForm): ReportFormat {
  const read = (mail: ReportMail): TextFinding[] | null => {
    if (!form.isIt(mail)) return null;
    const { introduction, blocks } = readBlocks(form, linesOf(mail));
    if (blocks.length === 0) return null;
    const reasons = reasonsOf(form, mail, introduction, blocks);
    const action = actionOf(form, mail, introduction);
    const findings = blocks.map(({ address, said }) => findingOf(address, [...reasons, ...said], { action }));
    return oncePerRecipient(findings);
  };
  return { name: form.name, source: form.source, read };
}

function reasonsOf(
  form: ListedForm,
  mail: ReportMail,
  introduction: readonly string[],
  blocks: readonly Block[],
): string[] {
  // Where nothing is said below the addresses, it was said above them.
  const silent = blocks.every(({ said }) => said.every((line) => line.trim() === ''));
  const given = introduction.filter((line) => form.reason?.test(line));
  const value = form.field ? mail.fields.get(form.field) : null;
  const header = value === null ? [] : [`${form.field}: ${value}`];
  return [...header, ...(silent && given.length === 0 ? introduction.slice(-6) : given)];
}

function actionOf(
  form: ListedForm,
  mail: ReportMail,
  introduction: readonly string[],
): 'failed' | 'delayed' | 'delivered' {
  if (form.delivered && introduction.some((line) => form.delivered?.test(line))) return 'delivered';
  return isLate(mail, introduction) ? 'delayed' : 'failed';
}

function readBlocks(form: ListedForm, lines: readonly string[]): { introduction: string[]; blocks: Block[] } {
  const introduction: string[] = [];
  const blocks: Block[] = [];
  let started = form.after === undefined;
  for (const line of lines) {
    if (!started) {
      introduction.push(line);
      started = form.after?.test(line) ?? false;
    } else if (form.end?.test(line)) {
      if (blocks.length > 0) break;
    } else {
      const block = blockOf(form, line, blocks.at(-1));
      if (block && blocks.length === MOST_FINDINGS) break;
      if (block) blocks.push(block);
      else if (!addLine(form, line, blocks.at(-1))) introduction.push(line);
    }
  }
  return { introduction, blocks };
}

function blockOf(form: ListedForm, line: string, current: Block | undefined): Block | null {
  const found = form.recipient.exec(line);
  if (!found) return null;
  const address = addressOf(found.groups?.address ?? '');
  if (!address && !form.names) return null;
  // The diagnosis may begin a line with the address once more.
  if (address && address === current?.address) return null;
  return { address, said: [found.groups && 'text' in found.groups ? (found.groups.text ?? '') : line] };
}

function addLine(form: ListedForm, line: string, block: Block | undefined): boolean {
  if (!block) return false;
  const alias = block.address === null ? form.alias?.exec(line)?.groups?.address : undefined;
  const other = form.original?.exec(line)?.groups?.address ?? alias;
  if (other !== undefined) block.address = addressOf(other) ?? block.address;
  else if (!form.skip?.test(line)) block.said.push(line);
  return true;
}

/** A form that has the addresses in one place and in another what was said of all of them. */
export interface SharedForm extends Form {
  /** The line above the addresses; an address may stand on the line itself, as group `address`. */
  recipients: RegExp;
  /** The line above what was said; its group `text` counts too. */
  said: RegExp;
  /** True where addresses stand on lines of their own among what is said. */
  mixed?: boolean;
}

interface Group {
  addresses: string[];
  said: string[];
}

/** A format of `SharedForm`. */
export function shared(form: SharedForm): ReportFormat {
  const read = (mail: ReportMail): TextFinding[] | null => {
    if (!form.isIt(mail)) return null;
    const groups = readGroups(form, linesOf(mail));
    if (!groups.some(({ addresses, said }) => addresses.length > 0 || said.length > 0)) return null;
    const action = isLate(mail, []) ? 'delayed' : 'failed';
    const findings = groups.flatMap(({ addresses, said }) => {
      const common = findingOf(null, said, { action });
      return addresses.length > 0 ? addresses.map((recipient) => ({ ...common, recipient })) : common;
    });
    return oncePerRecipient(findings).slice(0, MOST_FINDINGS);
  };
  return { name: form.name, source: form.source, read };
}

function readGroups(form: SharedForm, lines: readonly string[]): Group[] {
  const groups: Group[] = [{ addresses: [], said: [] }];
  let place: keyof Group | null = null;
  let former: keyof Group | null = null;
  for (const line of lines) {
    const above = form.recipients.exec(line);
    const heading = above ?? form.said.exec(line);
    if (heading) {
      place = above ? 'addresses' : 'said';
      const group = openGroup(groups, place !== former);
      group.addresses.push(...addressesIn(heading.groups?.address ?? ''));
      if (heading.groups?.text) group.said.push(heading.groups.text);
      former = place;
    } else if (form.end?.test(line)) {
      place = null;
    } else if (place && !form.skip?.test(line)) {
      addTo(openGroup(groups, false), place, line, form.mixed ?? false);
    }
  }
  return groups.slice(0, MOST_FINDINGS);
}

/** The last group; a new one when it has had both of its places and another place begins. */
function openGroup(groups: Group[], another: boolean): Group {
  const last = groups.at(-1);
  if (last && !(another && last.addresses.length > 0 && last.said.length > 0)) return last;
  const group: Group = { addresses: [], said: [] };
  groups.push(group);
  return group;
}

function addTo(group: Group, place: keyof Group, line: string, mixed: boolean): void {
  const alone = /^\s*[<"']?[^\s<>"']+@[^\s<>"']+[>"']?[;,:]?\s*$/.test(line);
  if (place === 'addresses') group.addresses.push(...addressesIn(line));
  else if (mixed && alone) group.addresses.push(...addressesIn(line));
  else group.said.push(line);
}
