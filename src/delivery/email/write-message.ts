import { emailHash } from '../../notice/content-hash.ts';
import type { FrozenPerson } from '../../notice/frozen-person.ts';
import type { NoticeRenderings } from '../../notice/renderings.ts';
import { emailSlots } from '../../rendering/email.ts';
import type { NoticeLocale, PreparedEmail } from '../../rendering/types.ts';
import type { IncidentVault, Vault } from '../../vault/vault.ts';
import type { ClaimedDelivery } from '../ledger.store.ts';
import { addressIn, bounceAddress, deliveryToken, domainOf, messageId } from './addresses.ts';
import { type Composer, makeComposer } from './compose-message.ts';
import { type Signers, signMessage } from './sign-message.ts';
import type { OutgoingMessage } from './submit-message.ts';

export interface Sender extends Signers {
  /** As in MAIL_FROM: `"Name" <address>`. */
  from: string;
  bounceDomain: string;
}

/** What the messages of one notice are written with. */
export interface NoticeWords {
  vault: IncidentVault;
  renderings: NoticeRenderings;
}

/** Writes a person's finished message; null when it no longer says what was approved. */
export type MessageWriter = (
  delivery: ClaimedDelivery,
  words: NoticeWords,
  date: Date,
) => Promise<OutgoingMessage | null>;

/** Composers are kept for as long as what they were made of. */
export function makeMessageWriter(vault: Pick<Vault, 'bounceCode'>, sender: Sender): MessageWriter {
  const composers = new WeakMap<PreparedEmail, Composer>();
  const composerOf = (prepared: PreparedEmail, noticeId: string): Composer => {
    const feedbackId = `${noticeId}:notice:${domainOf(addressIn(sender.from))}`;
    const composer = composers.get(prepared) ?? makeComposer({ from: sender.from, feedbackId, prepared });
    composers.set(prepared, composer);
    return composer;
  };
  return async (delivery, words, date) => {
    const { email: to, render } = words.vault.openJson<FrozenPerson>('notice-person', delivery.sealed);
    const prepared = await words.renderings.email(delivery.locale as NoticeLocale);
    const values = emailSlots(prepared, render);
    if (to === null || !emailHash(prepared, values).equals(delivery.contentHash)) return null;
    const token = deliveryToken(delivery.id, vault.bounceCode(delivery.id));
    const id = messageId(token, addressIn(sender.from));
    const composed = await composerOf(prepared, delivery.noticeId)({ to, values, date, messageId: id });
    const pieces = await signMessage(composed, sender, date);
    return { from: bounceAddress(token, sender.bounceDomain), to, pieces, envelopeId: token };
  };
}
