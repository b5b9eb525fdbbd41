import type { ImapFlow } from 'imapflow';

/**
 * Whether what is moved disappears from its folder. Where the server can neither move (RFC 6851) nor expunge single
 * messages (RFC 4315), what was copied is only marked as deleted: expunging would take away whatever else is marked.
 */
export function takesAwayWhatItMoves({ capabilities }: ImapFlow): boolean {
  return capabilities.has('MOVE') || capabilities.has('UIDPLUS');
}

/**
 * Moves messages into a folder, which is made when it is not there. Nothing is taken away that was not copied.
 * @returns false when the server refuses
 * @throws Error when the connection breaks
 */
export async function moveMessages(client: ImapFlow, uids: readonly number[], folder: string): Promise<boolean> {
  const range = uids.join(',');
  if (await move(client, range, folder)) return true;
  // Where it is there already, it was refused for another reason, and is refused again.
  await client.mailboxCreate(folder).catch(() => undefined);
  if (await move(client, range, folder)) return true;
  if (client.usable) return false;
  throw Object.assign(new Error('connection lost while moving'), { code: 'NoConnection' });
}

async function move(client: ImapFlow, range: string, folder: string): Promise<boolean> {
  const byUid = { uid: true };
  if (takesAwayWhatItMoves(client)) return Boolean(await client.messageMove(range, folder, byUid));
  if (!(await client.messageCopy(range, folder, byUid))) return false;
  return await client.messageFlagsAdd(range, ['\\Deleted'], byUid);
}
