import { hash } from 'node:crypto';
import type { FetchMessageObject, ImapFlow } from 'imapflow';
import type { Logger } from '../../log.ts';
import { codeOf } from './connect-mailbox.ts';
import type { MailboxSetting } from './mailbox-setting.ts';
import { moveMessages, takesAwayWhatItMoves } from './move-messages.ts';

/** Keeps a report. Durable when it resolves; `wayKey` names the message among all of all mailboxes. */
export type StoreReport = (report: { wayKey: string; bytes: Buffer }) => Promise<{ repeated: boolean }>;

interface CollectorDeps {
  setting: MailboxSetting;
  store: StoreReport;
  log: Logger;
  /** The largest message that is kept. */
  mostBytes: number;
}

/** Numbers (UIDs) of messages, as long as they are in the folder that is read. */
interface Known {
  /** Kept, and to be moved away. */
  kept: Set<number>;
  /** Too large to be kept, and to be moved away. */
  large: Set<number>;
  /** Begun, and not kept. */
  postponed: Set<number>;
  /** The server does not give them out, and that was told. */
  unreadable: Set<number>;
}

/** So many are kept before they are moved away together. */
const GROUP = 50;

const nothingKnown = (): Known => ({
  ...{ kept: new Set(), large: new Set(), postponed: new Set(), unreadable: new Set() },
});

/** The server has answered with NO or BAD, and not because it is asked too much. */
const isAboutThisMessage = (error: unknown): boolean =>
  (error as { responseStatus?: string }).responseStatus !== undefined && codeOf(error) !== 'ETHROTTLE';

/**
 * Makes what takes the reports out of a mailbox. Each is kept first and moved away after that: whoever dies in between
 * finds it again, and knows it by its number. What cannot be kept stays where it is.
 */
export function makeCollector({ setting, store, log, mostBytes }: CollectorDeps) {
  let validity: bigint | null = null;
  // Known over connections, too: a folder from which nothing can be moved is not read again from its beginning.
  let known = nothingKnown();

  /** All that is to be kept, those that could not be the last time at the end: one that never can holds up no other. */
  async function look(client: ImapFlow): Promise<number[]> {
    const folder = await client.mailboxOpen(setting.folder);
    // Numbers of another validity (RFC 9051 §2.3.1.1) are numbers of other messages.
    if (folder.uidValidity !== validity) known = nothingKnown();
    validity = folder.uidValidity;
    const wanted = takesAwayWhatItMoves(client) ? { all: true } : { deleted: false };
    const uids = await client.search(wanted, { uid: true });
    if (!uids) throw Object.assign(new Error('search refused'), { code: 'search_refused' });
    const here = new Set(uids);
    for (const set of Object.values(known)) for (const uid of set) if (!here.has(uid)) set.delete(uid);
    const open = uids.filter((uid) => !known.kept.has(uid) && !known.large.has(uid));
    return [...open.filter((uid) => !known.postponed.has(uid)), ...open.filter((uid) => known.postponed.has(uid))];
  }

  /** @returns null when it is gone, or the server does not give it out */
  async function download(client: ImapFlow, uid: number): Promise<FetchMessageObject | null> {
    try {
      // One byte more than is kept tells that it is too large, whatever size the server believes it to have.
      const source = { start: 0, maxLength: mostBytes + 1 };
      const message = await client.fetchOne(String(uid), { size: true, source }, { uid: true });
      if (message && !message.source) throw Object.assign(new Error('no source'), { responseStatus: 'no_source' });
      known.unreadable.delete(uid);
      return message || null;
    } catch (error) {
      if (!client.usable || !isAboutThisMessage(error)) throw error;
      if (!known.unreadable.has(uid)) log.error({ event: 'mailbox.report_unreadable', uid, code: codeOf(error) });
      known.unreadable.add(uid);
      return null;
    }
  }

  async function keep(client: ImapFlow, uid: number, figures: { stored: number; repeated: number }): Promise<void> {
    // Until it is kept: if it breaks the connection, or cannot be written, the others come first the next time.
    known.postponed.add(uid);
    const message = await download(client, uid);
    if (!message?.source) return;
    if (message.source.length > mostBytes) {
      known.large.add(uid);
      log.error({ event: 'mailbox.report_too_large', uid, bytes: message.size ?? null });
      return;
    }
    const bytes = message.source;
    // What it says is part of its name: some servers give old numbers to other messages, under the same validity.
    const digest = hash('sha256', bytes);
    const wayKey = `${setting.user}@${setting.name}/${setting.folder}/${validity}/${uid}/${digest}`;
    const { repeated } = await store({ wayKey, bytes });
    known.kept.add(uid);
    figures[repeated ? 'repeated' : 'stored']++;
  }

  /** @returns false when the server does not move them; they are left, and tried again the next time */
  async function sortAway(client: ImapFlow): Promise<boolean> {
    const ways = [
      { uids: known.kept, to: setting.processed },
      { uids: known.large, to: setting.tooLarge },
    ];
    for (const { uids, to } of ways) {
      while (uids.size > 0) {
        const group = [...uids].slice(0, GROUP);
        if (!(await moveMessages(client, group, to))) {
          log.error({ event: 'mailbox.not_moved', reports: known.kept.size, tooLarge: known.large.size });
          return false;
        }
        for (const uid of group) uids.delete(uid);
      }
    }
    return true;
  }

  return {
    /**
     * Goes once through all that is in the folder, one message in memory at a time.
     * @throws what the connection or the store threw; what was kept until then has been moved away, if that was possible
     */
    async collect(client: ImapFlow, signal: AbortSignal): Promise<void> {
      const figures = { stored: 0, repeated: 0 };
      const uids = await look(client);
      let moves = await sortAway(client);
      try {
        for (const uid of uids) {
          if (signal.aborted) break;
          await keep(client, uid, figures);
          if (moves && known.kept.size + known.large.size >= GROUP) moves = await sortAway(client);
        }
      } finally {
        if (figures.stored + figures.repeated > 0) log.info({ event: 'mailbox.read', ...figures });
        if (moves && client.usable) await sortAway(client);
      }
    },
  };
}
