/** Reads `templates/` once at start and refuses to go on with a template that is not whole. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { checkFacts, Facts } from '../incident/facts.ts';
import { loadFonts } from './fonts.ts';
import { missingFacts } from './missing-facts.ts';
import {
  type BarcodeFor,
  type LetterParts,
  type LocaleTemplate,
  type NoticeLocale,
  type NoticeTemplate,
  noticeLocales,
  type TemplateSet,
} from './types.ts';

/** `template.json`: what a template needs beyond the facts that every incident must have. */
const Manifest = Type.Object(
  {
    requires: Type.Array(Type.KeyOf(Facts)),
    letterListsExposures: Type.Boolean(),
  },
  { additionalProperties: false },
);
type Manifest = Static<typeof Manifest>;

interface SharedParts {
  partials: Record<string, string>;
  letter: Omit<LetterParts, 'listsExposures'>;
}

/**
 * All templates below `<rootDir>/notices`, with the frames of `<rootDir>/letters` and the letter fonts.
 * @param barcode makes the barcodes of the letters; without it they carry none
 * @throws Error that names the file, when one is missing, malformed, or its sample facts are incomplete
 */
export async function loadTemplates(rootDir: string, barcode: BarcodeFor = noBarcode): Promise<TemplateSet> {
  const shared = await loadShared(rootDir, barcode);
  const entries = await readdir(join(rootDir, 'notices'), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && entry.name !== 'shared').map(({ name }) => name);
  const templates = await Promise.all(names.toSorted().map((name) => loadTemplate(rootDir, name, shared)));
  return new Map(templates.map((template) => [template.name, template]));
}

const noBarcode: BarcodeFor = () => ({ none: 'no_postal_data' });

async function loadShared(rootDir: string, barcode: BarcodeFor): Promise<SharedParts> {
  const [emailHead, frame, typeCase, overlay, archive, summary, calibration, fonts] = await Promise.all([
    readFile(join(rootDir, 'notices/shared/email-head.mjml'), 'utf8'),
    readFile(join(rootDir, 'letters/frame.typ'), 'utf8'),
    readFile(join(rootDir, 'letters/type-case.typ'), 'utf8'),
    readFile(join(rootDir, 'letters/overlay.typ'), 'utf8'),
    readFile(join(rootDir, 'letters/archive.typ'), 'utf8'),
    readFile(join(rootDir, 'letters/summary.typ'), 'utf8'),
    readFile(join(rootDir, 'letters/calibration.typ'), 'utf8'),
    loadFonts(),
  ]);
  const letter = { frame, typeCase, overlay, archive, summary, calibration, fonts, barcode };
  return { partials: { 'email-head': emailHead }, letter };
}

async function loadTemplate(rootDir: string, name: string, shared: SharedParts): Promise<NoticeTemplate> {
  const folder = join(rootDir, 'notices', name);
  const manifest = await readManifest(join(folder, 'template.json'));
  const locales = new Map<NoticeLocale, LocaleTemplate>();
  for (const locale of noticeLocales) {
    const template = await loadLocale(join(folder, locale), name, locale, manifest, shared);
    const missing = missingFacts(manifest, template.sampleFacts);
    if (missing.length > 0) throw new Error(`${folder}/${locale}/sample-facts.json lacks ${missing.join(', ')}.`);
    locales.set(locale, template);
  }
  return { name, requires: manifest.requires, locales };
}

async function readManifest(path: string): Promise<Manifest> {
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!Check(Manifest, manifest)) {
    throw new Error(`${path} must hold requires (names of facts) and letterListsExposures (true or false).`);
  }
  return manifest;
}

async function loadLocale(
  folder: string,
  name: string,
  locale: NoticeLocale,
  manifest: Manifest,
  shared: SharedParts,
): Promise<LocaleTemplate> {
  const [mjml, text, letter, sample] = (await Promise.all(
    ['email.mjml', 'email.txt', 'letter.typ', 'sample-facts.json'].map((file) => readFile(join(folder, file), 'utf8')),
  )) as [string, string, string, string];
  const letterParts: LetterParts = { ...shared.letter, listsExposures: manifest.letterListsExposures };
  const sampleFacts = readFacts(join(folder, 'sample-facts.json'), sample);
  const sources = [name, locale, mjml, text, letter, shared.partials, letterParts.frame, letterParts.typeCase];
  const sha256 = createHash('sha256')
    .update(JSON.stringify([...sources, letterParts.listsExposures, letterParts.fonts.sha256]))
    .digest('hex');
  const { requires } = manifest;
  return { name, locale, requires, mjml, text, letter, sampleFacts, partials: shared.partials, letterParts, sha256 };
}

function readFacts(path: string, json: string): Facts {
  const facts: unknown = JSON.parse(json);
  const problems = checkFacts(facts);
  if (problems.length > 0) throw new Error(`${path}: ${problems.map(({ message }) => message).join(' ')}`);
  return facts as Facts;
}
