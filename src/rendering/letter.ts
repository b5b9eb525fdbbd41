/** Letters up to the typesetter: the shared part of a notice, and what is decided for each person without typesetting. */
import { createHash } from 'node:crypto';
import { OwabiError } from '../errors.ts';
import type { Mailer } from './barcode/intelligent-mail.ts';
import type { BarcodePerson } from './barcode/types.ts';
import { missingGlyphs } from './glyph-table.ts';
import { isLetterProblem, layOutLetter } from './letter-layout.ts';
import { type LetterProfile, letterProfile } from './letter-profile.ts';
import type { EnvelopeProfile } from './letter-profiles/envelope-profile.ts';
import { defaultProfile } from './letter-profiles/shipped-profiles.ts';
import { requireFacts } from './missing-facts.ts';
import { noticeView } from './notice-view.ts';
import { returnLine, senderBreaks } from './sender-lines.ts';
import type {
  GlyphTable,
  LetterInput,
  LetterParts,
  LetterProblem,
  NoticeLocale,
  PreparedLetter,
  RenderPerson,
} from './types.ts';

const LABELS: Record<NoticeLocale, { reference: string; exposures: string }> = {
  ja: { reference: 'お問い合わせ番号', exposures: '本件の対象となるお客様の情報' },
  en: { reference: 'Reference number', exposures: 'Your information concerned by this notice' },
};

/**
 * Everything that is the same for all letters of a notice. Typesets nothing; the press does.
 * @throws OwabiError `missing_facts`; `missing_glyph` when the facts or the template hold a character that the fonts
 *   cannot print; `does_not_fit` when the sender is too long for the line above the address
 */
export function prepareLetter({ template, locale, facts, timeZone, envelope: given }: LetterInput): PreparedLetter {
  const { frame, typeCase, overlay, archive, listsExposures, fonts, barcode } = template.letterParts;
  requireFacts(template, facts);
  const view = noticeView(facts, locale, timeZone);
  requireGlyphs(fonts.serif, 'The facts hold', textsOf(view).join(''));
  requireGlyphs(fonts.serif, 'The template holds', template.letter.replace(/\s/g, ''));
  const envelope = given ?? defaultProfile(locale);
  const profile = letterProfile(envelope, listsExposures);
  const files = {
    '/letter.typ': template.letter,
    '/fonts.typ': fonts.choice,
    '/frame.typ': frame,
    '/type-case.typ': typeCase,
    '/view.json': JSON.stringify(view),
    '/profile.json': JSON.stringify(profile),
    '/sender.json': JSON.stringify(senderOf(fonts, profile, view.organisation)),
    '/labels.json': JSON.stringify(LABELS[locale]),
  };
  const date = JSON.stringify({ date: facts.documentDate });
  return {
    // Not in the hash: how a letter is archived is nothing that was approved.
    ...{
      locale,
      files: { ...files, '/overlay.typ': overlay, '/archive.typ': archive, '/archive.json': date },
      listsExposures,
      fonts,
      profile,
      envelope,
      barcode: (person, maxWidthMm) => barcode(person, maxWidthMm, mailerFor(envelope, person)),
    },
    sha256: sha256(JSON.stringify([locale, files, fonts.sha256])),
  };
}

/** @throws OwabiError `does_not_fit`, `missing_glyph` */
function senderOf(
  fonts: LetterParts['fonts'],
  { page, margin, senderX, returnLine: zone }: LetterProfile,
  organisation: ReturnType<typeof noticeView>['organisation'],
) {
  const { name, representative, address } = organisation;
  const signed = representative ? [`${representative.title}　${representative.name}`] : [];
  const breaks = senderBreaks(fonts.serif, page.width - senderX - margin.right, [name, ...address, ...signed]);
  if (!zone) return { breaks, returnLine: null };
  const line = returnLine(fonts.sans, zone, organisation);
  if (!line) {
    throw new OwabiError(
      'does_not_fit',
      'The name of the organisation is too long for the line above the address: shorten it, or take an envelope profile without returnLine.',
    );
  }
  requireGlyphs(fonts.sans, 'The facts hold', line.lines.join(''));
  return { breaks, returnLine: line };
}

function requireGlyphs(font: GlyphTable, holder: string, text: string): void {
  const missing = missingGlyphs(font, text);
  if (missing.length === 0) return;
  throw new OwabiError('missing_glyph', `${holder} characters that cannot be printed: ${missing.join(', ')}.`);
}

/** Fails closed: a letter that has no serial of its own gets no barcode, rather than that of another. */
function mailerFor({ mailer }: EnvelopeProfile, { mailSerial }: BarcodePerson): Mailer | null {
  return mailer && mailSerial != null ? { ...mailer, serial: String(mailSerial) } : null;
}

/** Why this person's letter cannot be printed; null when it can. */
export function letterProblem(prepared: PreparedLetter, person: RenderPerson): LetterProblem | null {
  const layout = layOutLetter(prepared, person);
  return isLetterProblem(layout) ? layout : null;
}

/** In place of the serial, which is given when the letter is put into a batch: after it was approved. */
const NO_SERIAL = 0;

/**
 * Everything that makes this person's pages differ from another's, as JSON with its keys in a fixed order. A letter
 * that cannot be printed yields its problem, so that a hash of it still changes with the person.
 */
export function letterInputs(prepared: PreparedLetter, person: RenderPerson): string {
  const layout = layOutLetter(prepared, { ...person, mailSerial: NO_SERIAL });
  if (isLetterProblem(layout)) return JSON.stringify([person.reference, layout.reason, layout.detail]);
  const { reference, address, exposures, barcode } = layout;
  return JSON.stringify([reference, address.size.pt, address.lines, exposures, barcode?.data ?? null]);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
