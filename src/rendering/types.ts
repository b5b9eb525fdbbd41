import type { Facts } from '../incident/facts.ts';
import type { Mailer } from './barcode/intelligent-mail.ts';
import type { Barcode, BarcodePerson, NoBarcode } from './barcode/types.ts';
import type { Finding } from './letter-check/types.ts';
import type { LetterProfile } from './letter-profile.ts';
import type { EnvelopeProfile } from './letter-profiles/envelope-profile.ts';

export type NoticeLocale = 'ja' | 'en';
export const noticeLocales: readonly NoticeLocale[] = ['ja', 'en'];

/** What a rendering may know of a person. Everything in it is personal data: never log it. */
export interface RenderPerson {
  /** Nine characters of Crockford's base32, no hyphens. */
  reference: string;
  name: string;
  /** 様, 殿, Dr …; null for the locale's default. */
  honorific: string | null;
  company: string | null;
  department: string | null;
  /** Seven digits for Japan; as the country writes it elsewhere. */
  postalCode: string | null;
  addressLines: string[];
  /** ISO 3166-1 alpha-2. */
  country: string;
  exposures: Exposure[];
  /** Of this letter, in the barcode of USPS; given to what is printed, and no part of what is approved. */
  mailSerial?: number | null;
  /** Of this letter, in the inserter's mark; no part of what is approved either. */
  generation?: number;
}

export interface Exposure {
  /** `card`, `account`, or another kind of leaked thing. */
  kind: string;
  /** How many things this entry stands for. */
  units: number;
  brand: string | null;
  last4: string | null;
}

/** The files of one template in one language, and the fonts and frames that they share. */
export interface LocaleTemplate {
  name: string;
  locale: NoticeLocale;
  /** As in `NoticeTemplate`. */
  requires: (keyof Facts)[];
  mjml: string;
  text: string;
  letter: string;
  sampleFacts: Facts;
  /** Liquid partials by name, for `{% render %}` in `mjml` and `text`. */
  partials: Record<string, string>;
  letterParts: LetterParts;
  /** Of everything above except `sampleFacts`: lower-case hex. */
  sha256: string;
}

export interface LetterParts {
  /** Typst source that lays out the shared pages around a template's `letter`. */
  frame: string;
  /** Typst source that sets the shared pages, and every character that a batch needs once. */
  typeCase: string;
  /** Typst source that draws what is a person's own over a page of a letter that is typeset in full. */
  overlay: string;
  /** Typst source that typesets one letter in full. */
  archive: string;
  /** Typst source of a batch's cover sheet. */
  summary: string;
  /** Typst source of an envelope profile's calibration sheet. */
  calibration: string;
  /** Whether the letter lists the person's exposures. */
  listsExposures: boolean;
  fonts: FontBook;
  barcode: BarcodeFor;
}

/** The barcode for the post that goes below an address, at most so wide (mm), or why there is none. */
export type BarcodeFor = (person: BarcodePerson, maxWidthMm: number, mailer?: Mailer | null) => Barcode | NoBarcode;

/** The fonts of the letters and what they can show. Structured-clonable. */
export interface FontBook {
  /** Absolute paths of the TTF files. */
  paths: string[];
  /** Of the files' bytes: lower-case hex. */
  sha256: string;
  /** Typst source `/fonts.typ`: which font sets what, as `sans` and `serif`. */
  choice: string;
  /** For shared text. */
  serif: GlyphTable;
  /** For what belongs to a person. */
  sans: GlyphTable;
}

export interface GlyphTable {
  /** Advance width by code point in thousandths of an em plus one; 0: the font has no glyph. */
  advances: Uint16Array;
  /** `"<base>:<selector>"` in hex for each variation sequence that the font knows (cmap format 14). */
  sequences: Set<string>;
}

export interface NoticeTemplate {
  name: string;
  /** Optional facts that this template cannot do without. */
  requires: (keyof Facts)[];
  locales: Map<NoticeLocale, LocaleTemplate>;
}
export type TemplateSet = Map<string, NoticeTemplate>;

export const slotNames = ['reference', 'addressee', 'exposures'] as const;
/** A place in a prepared message that is filled per person. */
export type SlotName = (typeof slotNames)[number];
export type SlotValues = Record<SlotName, string>;

/** Text with slots: `statics[0] slots[0] statics[1] … statics[n]`, so there is one static more than slots. */
export interface Segments {
  statics: string[];
  slots: SlotName[];
}

/** A message rendered once for all persons of a notice. Structured-clonable. */
export interface PreparedEmail {
  locale: NoticeLocale;
  subject: Segments;
  html: Segments;
  text: Segments;
  /** Of the three parts: lower-case hex. Equal preparations have equal hashes. */
  sha256: string;
}

export interface RenderedEmail {
  subject: string;
  html: string;
  text: string;
}

export interface RenderingProblem {
  code: 'leftover_tag' | 'empty' | 'insecure_link' | 'remote_content';
  where: keyof RenderedEmail;
  /** One sentence without personal data. */
  message: string;
}

/** What a template, its facts and a person are rendered from. */
export interface RenderingInput {
  template: LocaleTemplate;
  locale: NoticeLocale;
  facts: Facts;
  /** IANA name: the facts' times are local to it. */
  timeZone: string;
}

/** What a letter is rendered from. */
export interface LetterInput extends RenderingInput {
  /** Without one: the default of the language. */
  envelope?: EnvelopeProfile | undefined;
}

/** The shared part of the letters of one notice. */
export interface PreparedLetter {
  locale: NoticeLocale;
  /** Typst sources and their data by path in the typesetter's workspace. */
  files: Record<string, string>;
  listsExposures: boolean;
  fonts: FontBook;
  /** Where things stand on the sheets; also in `files`, for the typesetter. */
  profile: LetterProfile;
  /** What the letters go into: paper and envelope with their weights. */
  envelope: EnvelopeProfile;
  /** With the mailer of the envelope profile, for who has a serial. */
  barcode: BarcodeFor;
  /** Of everything that determines the shared pages: sources, data, fonts, envelope. */
  sha256: string;
}

export interface LetterProblem {
  reason: 'no_address' | 'missing_glyph' | 'does_not_fit';
  /** Code points (`U+2A6D6`) or a measure; nothing that says who it is. */
  detail: string;
}

export interface TypesetLetters {
  pdf: Uint8Array;
  /** In the order of the persons. `firstPage` counts from 1 and is always odd; `pages` are those of the file, a blank last side too. */
  letters: { firstPage: number; pages: number }[];
  /** In the order of the persons; empty when checks were not asked for. */
  checks: LetterCheck[];
}

/** What reading a printed letter back has shown. */
export interface LetterCheck {
  /** None: the letter is as it should be. */
  findings: Finding[];
  /** Of the first page that is wrong, or of the first one of a letter that was looked at as a sample. */
  picture: { page: number; png: Uint8Array } | null;
}

/** A document by itself: `/main.typ` and what it reads, by path. Structured-clonable. */
export interface PagesOrder {
  files: Record<string, string>;
  fontPaths: string[];
}

/** Each throws a plain Error when the press itself fails: a thread that ends, fonts that cannot be read, a closed press. */
export interface LetterPress {
  /** @param order with `check` each letter is read back. @throws OwabiError `render_failed` */
  typeset(order: { prepared: PreparedLetter; persons: RenderPerson[]; check?: boolean }): Promise<TypesetLetters>;
  /**
   * One letter as PDF/A-2b, typeset in full: for keeping, not for the printer.
   * @param order with the letter's place in its batch, from 1
   * @throws OwabiError `render_failed`
   */
  archive(order: { prepared: PreparedLetter; person: RenderPerson; sequence: number }): Promise<Uint8Array>;
  /** Any other document, such as the cover sheet of a batch. @throws OwabiError `render_failed` */
  typesetPages(order: PagesOrder): Promise<Uint8Array>;
  close(): Promise<void>;
}
