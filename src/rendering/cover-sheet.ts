/** The cover sheet of a letter batch: what the printer and the post need to know of it, and nothing of any person. */
import type { EnvelopeProfile } from './letter-profiles/envelope-profile.ts';
import { placedAddress } from './sender-lines.ts';
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
  /** ISO 3166-1; '' when the batch is of no one country. */
  country: string;
  letters: number;
  /** Letters with a barcode of their post. */
  barcodes: number;
  pages: number;
  sheetsPerLetter: number;
  gramsPerLetter: number;
  envelope: EnvelopeProfile;
  prefixes: PrefixRun[];
  files: { name: string; sha256: string }[];
}

/** Letters that follow each other and have the first three digits of their postal code in common: a bundle. */
export interface PrefixRun {
  /** '' for letters without a postal code. */
  prefix: string;
  letters: number;
  /** Their places in the batch, from 1. */
  first: number;
  last: number;
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
    profile: '封筒',
    paper: '用紙',
    printing: '印刷',
    howToPrint: '倍率100 %（用紙に合わせて拡大・縮小しない）、両面・長辺とじ',
    noDiscount: '（定形郵便物ではないため、バーコードの割引はありません）',
    prefix: '上3桁',
    sequences: '通番',
    sum: '合計',
    folds: '折り位置（上端から）',
    prefixes: '郵便番号上3桁別通数（印刷順）',
    none: 'なし',
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
    profile: 'Envelope',
    paper: 'Paper',
    printing: 'Printing',
    howToPrint: 'at 100 % (do not fit to the page), duplex, flipped on the long edge',
    noDiscount: '(no discount for barcodes: the envelope is larger than standard mail)',
    prefix: 'Code',
    sequences: 'Sequence',
    sum: 'Total',
    folds: 'Folds (from the top)',
    prefixes: 'Letters by the first three digits of the postal code (in print order)',
    none: 'none',
    sums: 'SHA-256 of the files',
    handling:
      'Please acknowledge the number of letters and of pages. The letters hold personal data: erase the files when the work is done.',
  },
};

/** The sheet as the press takes it. */
export function coverSheet(parts: Pick<LetterParts, 'summary' | 'fonts'>, locale: NoticeLocale, sheet: CoverSheet) {
  const named = (type: 'language' | 'region', code: string) =>
    code === '' ? '' : (new Intl.DisplayNames(locale, { type }).of(code) ?? code);
  const data = JSON.stringify({
    ...{ locale, words: WORDS[locale], ...sheet },
    address: placedAddress(locale, sheet.organisation).address,
    ...{ language: named('language', sheet.letterLocale), countryName: named('region', sheet.country) },
    withoutDiscount: sheet.country === 'JP' && !isStandardMail(sheet.envelope),
  });
  const files = { '/main.typ': parts.summary, '/fonts.typ': parts.fonts.choice, '/sheet.json': data };
  return { files, fontPaths: parts.fonts.paths } satisfies PagesOrder;
}

/** 定形郵便物 (Japan Post): 140 to 235 by 90 to 120 mm, 50 g. Only such letters have the discount for barcodes. */
function isStandardMail({ envelope: { width, height }, maxGrams }: EnvelopeProfile): boolean {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  return long >= 140 && long <= 235 && short >= 90 && short <= 120 && maxGrams <= 50;
}

/** @param postalCodes of all letters, in print order */
export function prefixRuns(postalCodes: (string | null)[]): PrefixRun[] {
  const runs: PrefixRun[] = [];
  for (const [i, code] of postalCodes.entries()) {
    const prefix = (code ?? '').slice(0, 3);
    const run = runs.at(-1);
    if (run?.prefix === prefix) Object.assign(run, { letters: run.letters + 1, last: i + 1 });
    else runs.push({ prefix, letters: 1, first: i + 1, last: i + 1 });
  }
  return runs;
}
