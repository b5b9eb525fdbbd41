import { readDeliveryToken } from '../../delivery/email/addresses.ts';
import type { Marks } from '../reading/finding.ts';

/** By which mark of a report its delivery is known. */
export type MarkKind = 'bounce_address' | 'envelope_id' | 'message_id';

/** What the marks of a report prove; `forged`: one has the form of a token of ours and is none. */
export type Proof = { deliveryId: string; by: MarkKind } | 'forged' | null;

/** Whether a code proves a delivery's token; the vault's `isBounceCode`. */
type IsOurs = (deliveryId: string, code: Buffer) => boolean;

// A number of 1 to 8 bytes and a code of 10, in base32 of five bits a letter.
const TOKEN = /^[a-z2-7]{18,29}$/;
/**
 * Whatever stands for a token in a bounce address, also one that was altered; also inside the address of a forwarder that
 * rewrites its senders (SRS: `SRS0=…=example.jp=b+token@…`, BATV: `prvs=…=b+token@…`).
 */
const BOUNCE_ADDRESS = /(?:^|[=<"])b\+([a-z0-9]{16,32})@/i;
const MESSAGE_ID = /^<?([^<>@]+)@/;

/**
 * Decides by its marks which delivery a report is about: the bounce address comes first, then the ENVID, then the
 * Message-ID. An address to which it came and that is ours decides alone. Else a mark of the first two that has been forged or altered makes the report a forged one, whatever its other
 * marks are. Other systems' Message-IDs may look like anything, so that one that is no token of ours says nothing beside
 * one that is. Pure.
 * @param envelope addresses to which the report came, as its way knows them
 */
export function proveDelivery(marks: Marks, envelope: readonly string[], isOurs: IsOurs): Proof {
  // Mail systems may fold the case of addresses and of ENVIDs, and hardly of Message-IDs.
  const addresses = [...envelope, ...marks.bounceAddresses].flatMap((a) => BOUNCE_ADDRESS.exec(a)?.[1] ?? []);
  const envelopeIds = marks.envelopeIds.map((id) => id.trim()).filter((id) => TOKEN.test(id.toLowerCase()));
  const messageIds = marks.messageIds.flatMap((id) => MESSAGE_ID.exec(id.trim())?.[1] ?? []);
  const proven = (tokens: string[]) => tokens.map((token) => readToken(token, isOurs));
  const byAddress = proven(addresses);
  const byEnvelope = proven(envelopeIds);
  // What it came to is proven: other systems' addresses in its text may look like anything.
  const arrivedAt = proven(envelope.flatMap((address) => BOUNCE_ADDRESS.exec(address)?.[1] ?? []))[0];
  if (arrivedAt) return { deliveryId: arrivedAt, by: 'bounce_address' };
  if ([...byAddress, ...byEnvelope].includes(null)) return 'forged';
  const byMessage = proven(messageIds).find((id) => id !== null);
  if (byAddress[0]) return { deliveryId: byAddress[0], by: 'bounce_address' };
  if (byEnvelope[0]) return { deliveryId: byEnvelope[0], by: 'envelope_id' };
  if (byMessage) return { deliveryId: byMessage, by: 'message_id' };
  return messageIds.some((id) => TOKEN.test(id)) ? 'forged' : null;
}

/** The delivery of a token; null when it is not ours to the last letter. */
function readToken(token: string, isOurs: IsOurs): string | null {
  const read = readDeliveryToken(token);
  return read && isOurs(read.deliveryId, read.code) ? read.deliveryId : null;
}
