/** The cover sheet of a letter batch: what the printer and the post need to know of it, and nothing of any person. */
import type { LetterParts, NoticeLocale, PagesOrder } from './types.ts';

export interface CoverSheet {
  /** The sender, and whom to ask. */
  organisation: { name: string; postalCode: string; addressLines: string[]; website: string };
  contact: { name: string; phone: string };
  noticeId: string;
  batchNumber: number;
  /** `YYYY-MM-DD`. */
  closedOn: string;
  letterLocale: string;
  country: string;
  letters: number;
  /** Letters with a customer barcode: those that the post counts for its discount. */
  barcodes: number;
  pages: number;
  sheetsPerLetter: number;
  gramsPerLetter: number;
  profile: { id: string; page: { width: number; height: number }; folds: number[] };
  /** First three digits of the postal codes, in their order, and how many letters each has. */
  prefixes: [prefix: string, letters: number][];
  files: { name: string; sha256: string }[];
}

const WORDS: Record<NoticeLocale, Record<string, string>> = {
  ja: {
    title: '印刷・封入指示書',
    batch: 'バッチ番号',
    closedOn: '締め日',
    sender: '差出人',
    contact: '連絡先',
    letters: '通数',
    barcodes: 'うちバーコード付き',
    pages: '総ページ数（両面印刷、各通は表面から）',
    sheets: '1通の枚数',
    grams: '1通の重量（封筒を含む推定）',
    total: '総重量（推定）',
    language: '言語',
    country: '宛先国',
    profile: '用紙・封筒',
    paper: '用紙寸法',
    folds: '折り位置（上端から）',
    prefixes: '郵便番号上3桁別通数（印刷順）',
    none: '郵便番号なし',
    sums: 'ファイルの SHA-256',
    handling: '受領後、通数と総ページ数をご連絡ください。内容は個人情報です。作業後は消去・廃棄してください。',
  },
  en: {
    title: 'Printing and enclosing order',
    batch: 'Batch',
    closedOn: 'Closed on',
    sender: 'Sender',
    contact: 'Contact',
    letters: 'Letters',
    barcodes: 'Of these with a barcode',
    pages: 'Pages of the file (both sides; each letter starts on a front side)',
    sheets: 'Sheets per letter',
    grams: 'Weight per letter (with envelope, estimated)',
    total: 'Weight in total (estimated)',
    language: 'Language',
    country: 'Country of destination',
    profile: 'Paper and envelope',
    paper: 'Paper size',
    folds: 'Folds (from the top)',
    prefixes: 'Letters by the first three digits of the postal code (in print order)',
    none: 'no postal code',
    sums: 'SHA-256 of the files',
    handling:
      'Please acknowledge the number of letters and of pages. The letters hold personal data: erase the files when the work is done.',
  },
};

/** The sheet as the press takes it. */
export function coverSheet(parts: Pick<LetterParts, 'summary' | 'fonts'>, locale: NoticeLocale, sheet: CoverSheet) {
  const data = JSON.stringify({ locale, words: WORDS[locale], ...sheet });
  const files = { '/main.typ': parts.summary, '/fonts.typ': parts.fonts.choice, '/sheet.json': data };
  return { files, fontPaths: parts.fonts.paths } satisfies PagesOrder;
}

/** Counts letters by the first three digits of their postal codes; letters without one stand under ''. */
export function countPrefixes(postalCodes: (string | null)[]): [prefix: string, letters: number][] {
  const counts = Map.groupBy(postalCodes, (code) => (code ?? '').slice(0, 3));
  return [...counts].map(([prefix, codes]) => [prefix, codes.length]);
}
