import type { NoticeSnapshot } from '../../notice/renderings.ts';
import { type CoverSheet, coverSheet, prefixRuns } from '../../rendering/cover-sheet.ts';
import { isLetterProblem, layOutLetter } from '../../rendering/letter-layout.ts';
import type { LetterParts, LetterPress, PreparedLetter, RenderPerson } from '../../rendering/types.ts';
import { type BatchFileName, figuresOf, sha256Sums } from './batch-files.ts';
import type { BatchFigures } from './letter-batch.store.ts';
import { type LetterWeight, weighLetter } from './letter-weight.ts';
import { type ManifestLine, manifestCsv } from './manifest.ts';

interface PrintedSheet {
  reference: string;
  contentHash: Buffer;
  person: RenderPerson;
  firstPage: number;
  pages: number;
}

interface BatchToPrint {
  press: Pick<LetterPress, 'typesetPages'>;
  parts: Pick<LetterParts, 'summary' | 'fonts'>;
  prepared: PreparedLetter;
  snapshot: Pick<NoticeSnapshot, 'facts' | 'locale' | 'timeZone'>;
  batch: { notice_id: string; number: number; created_at: Date; country: string | null };
  /** In print order; at least one. */
  printed: PrintedSheet[];
  /** All of them. */
  pdf: Uint8Array;
}

export interface MadeFiles {
  contents: Record<BatchFileName, Uint8Array>;
  figures: BatchFigures;
}

/** Everything that the printer gets of a batch. The same letters give the same bytes. */
export async function makeBatchFiles(order: BatchToPrint): Promise<MadeFiles> {
  const { press, parts, prepared, snapshot, printed, pdf } = order;
  const lines = manifestLines(prepared, printed);
  const manifest = Buffer.from(manifestCsv(lines));
  const letters = figuresOf(pdf);
  const pages = printed.reduce((sum, letter) => sum + letter.pages, 0);
  const weight = weighLetter(Math.max(...printed.map((letter) => letter.pages)), prepared.envelope);
  const sums = { 'letters.pdf': letters, 'manifest.csv': figuresOf(manifest) };
  const files = Object.entries(sums).map(([name, { sha256 }]) => ({ name, sha256 }));
  const barcodes = lines.filter(({ barcode }) => barcode !== '').length;
  const sheet = { ...sheetOf(order, weight), barcodes, pages, files };
  const summary = await press.typesetPages(coverSheet(parts, snapshot.locale, sheet));
  const named = { ...sums, 'summary.pdf': figuresOf(summary) };
  const list = Buffer.from(sha256Sums(Object.entries(named)));
  return {
    contents: { 'letters.pdf': pdf, 'manifest.csv': manifest, 'summary.pdf': summary, SHA256SUMS: list },
    figures: { pages, sha256: letters.sha256, files: { ...named, SHA256SUMS: figuresOf(list) }, weight },
  };
}

function manifestLines(prepared: PreparedLetter, printed: PrintedSheet[]): ManifestLine[] {
  return printed.map(({ reference, person, pages, firstPage, contentHash }) => {
    const layout = layOutLetter(prepared, person);
    return {
      ...{ reference, postalCode: person.postalCode, country: person.country, pages, firstPage },
      ...{ weight: weighLetter(pages, prepared.envelope), sha256: contentHash.toString('hex') },
      barcode: isLetterProblem(layout) ? '' : (layout.barcode?.data ?? ''),
    };
  });
}

function sheetOf(order: BatchToPrint, weight: LetterWeight): Omit<CoverSheet, 'barcodes' | 'pages' | 'files'> {
  const { batch, snapshot, prepared, printed } = order;
  const { organisation, contact } = snapshot.facts;
  return {
    organisation,
    contact: { name: contact.name, phone: contact.phone },
    ...{ noticeId: batch.notice_id, batchNumber: batch.number, letterLocale: prepared.locale },
    // The Swedish way to write a date is that of ISO 8601.
    closedOn: new Intl.DateTimeFormat('sv-SE', { timeZone: snapshot.timeZone, dateStyle: 'short' }).format(
      batch.created_at,
    ),
    country: batch.country ?? '',
    letters: printed.length,
    ...{ sheetsPerLetter: weight.sheets, gramsPerLetter: weight.grams },
    envelope: prepared.envelope,
    prefixes: prefixRuns(printed.map(({ person }) => person.postalCode)),
  };
}
