import { OwabiError } from '../errors.ts';
import { emailHash, letterHash } from '../notice/content-hash.ts';
import type { FrozenPerson } from '../notice/frozen-person.ts';
import { type RenderedPart, renderPart } from '../notice/render-part.ts';
import { type NoticeRenderings, type NoticeSnapshot, renderingsOf } from '../notice/renderings.ts';
import { emailSlots } from '../rendering/email.ts';
import { letterInputs } from '../rendering/letter.ts';
import type { LetterPress, NoticeLocale, RenderPerson } from '../rendering/types.ts';
import type { Services } from '../services.ts';
import { printedPerson } from './letter/printed-person.store.ts';

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
  archive = false,
): Promise<RenderedPart> {
  const row = await db
    .selectFrom('deliveries as d')
    .innerJoin('notices as n', 'n.id', 'd.notice_id')
    .innerJoin('notice_persons as p', (join) =>
      join.onRef('p.notice_id', '=', 'd.notice_id').onRef('p.person_id', '=', 'd.person_id'),
    )
    .select([
      'd.channel',
      'd.content_hash',
      'n.incident_id',
      'n.snapshot',
      printedPerson.as('sealed'),
      'p.locale',
      'd.mail_serial',
      'd.generation',
      'd.sequence',
    ])
    .where('d.id', '=', deliveryId)
    .executeTakeFirst();
  const channel = part === 'pdf' ? 'letter' : 'email';
  if (!row?.snapshot || row.channel !== channel) {
    throw new OwabiError('not_found', `There is no ${channel} delivery with this id.`);
  }
  const incident = await vault.forIncident(row.incident_id);
  const frozen = incident.openJson<FrozenPerson>('notice-person', row.sealed);
  const render = { ...frozen.render, mailSerial: row.mail_serial, generation: row.generation };
  const renderings = renderingsOf(templates, row.snapshot as unknown as NoticeSnapshot);
  const locale = row.locale as NoticeLocale;
  const now = part === 'pdf' ? letterOf(renderings, locale, render) : await emailOf(renderings, locale, render);
  if (!row.content_hash?.equals(now)) throw new OwabiError('content_changed');
  if (part === 'pdf' && archive) {
    const prepared = renderings.letter(locale);
    // A letter that is in no batch yet would be the first of it.
    const sequence = row.sequence ?? 1;
    return { type: 'application/pdf', bytes: await press.archive({ prepared, person: render, sequence }) };
  }
  return await renderPart({ renderings, press }, locale, render, part === 'pdf' ? 'letter' : part);
}

function letterOf(renderings: NoticeRenderings, locale: NoticeLocale, person: RenderPerson): Buffer {
  const prepared = renderings.letter(locale);
  return letterHash(prepared, letterInputs(prepared, person));
}

async function emailOf(renderings: NoticeRenderings, locale: NoticeLocale, person: RenderPerson): Promise<Buffer> {
  const prepared = await renderings.email(locale);
  return emailHash(prepared, emailSlots(prepared, person));
}
