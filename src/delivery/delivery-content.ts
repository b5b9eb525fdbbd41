import { OwabiError } from '../errors.ts';
import { emailHash, letterHash } from '../notice/content-hash.ts';
import type { FrozenPerson } from '../notice/frozen-person.ts';
import { type NoticeSnapshot, renderingsOf } from '../notice/renderings.ts';
import { emailSlots, fillEmail } from '../rendering/email.ts';
import { letterInputs } from '../rendering/letter.ts';
import type { LetterPress, NoticeLocale } from '../rendering/types.ts';
import type { Services } from '../services.ts';

interface ContentDeps extends Pick<Services, 'db' | 'vault' | 'templates'> {
  press: LetterPress;
}

/**
 * What a delivery says, rendered again from its snapshot and compared with the hash that was approved.
 * @throws OwabiError `not_found`, `content_changed` when the templates at hand no longer say what was approved
 */
export async function contentOf(
  { db, vault, templates, press }: ContentDeps,
  deliveryId: string,
  part: 'html' | 'text' | 'pdf',
): Promise<{ type: string; bytes: Uint8Array }> {
  const row = await db
    .selectFrom('deliveries as d')
    .innerJoin('notices as n', 'n.id', 'd.notice_id')
    .innerJoin('notice_persons as p', (join) =>
      join.onRef('p.notice_id', '=', 'd.notice_id').onRef('p.person_id', '=', 'd.person_id'),
    )
    .select(['d.channel', 'd.content_hash', 'n.incident_id', 'n.snapshot', 'p.sealed', 'p.locale'])
    .where('d.id', '=', deliveryId)
    .executeTakeFirst();
  const channel = part === 'pdf' ? 'letter' : 'email';
  if (!row?.snapshot || row.channel !== channel) {
    throw new OwabiError('not_found', `There is no ${channel} delivery with this id.`);
  }
  const incident = await vault.forIncident(row.incident_id);
  const { render } = incident.openJson<FrozenPerson>('notice-person', row.sealed);
  const renderings = renderingsOf(templates, row.snapshot as unknown as NoticeSnapshot);
  const locale = row.locale as NoticeLocale;
  if (part === 'pdf') {
    const prepared = renderings.letter(locale);
    demandSame(letterHash(prepared, letterInputs(prepared, render)), row.content_hash);
    return { type: 'application/pdf', bytes: (await press.typeset({ prepared, persons: [render] })).pdf };
  }
  const prepared = await renderings.email(locale);
  demandSame(emailHash(prepared, emailSlots(prepared, render)), row.content_hash);
  const email = fillEmail(prepared, render);
  const type = part === 'html' ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return { type, bytes: Buffer.from(email[part]) };
}

function demandSame(now: Buffer, approved: Buffer | null): void {
  if (!approved?.equals(now)) throw new OwabiError('content_changed');
}
