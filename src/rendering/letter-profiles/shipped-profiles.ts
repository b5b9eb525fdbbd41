/**
 * The profiles that come with the service. What an envelope measures is a norm; where its window stands is a habit of
 * makers: `verifiedOn` is null until somebody has held the stock against the calibration sheet.
 */
import type { NoticeLocale } from '../types.ts';
import type { EnvelopeProfile } from './envelope-profile.ts';

const since = '2026-01-01';
const a4 = { width: 210, height: 297, gramsPerM2: 80 };
const usLetter = { width: 215.9, height: 279.4, gramsPerM2: 75 };
const inThree = [99, 198];
const plain = { addressField: null, returnLine: false, inserterMark: null, verifiedOn: null, effectiveFrom: since };

/** 長形3号 and 洋形長3号 hold 50 g as 定形, which is eight sheets of 80 g/m². */
const japanese = {
  ...{ paper: a4, folds: inThree, envelope: { width: 235, height: 120, grams: 6 } },
  ...{ window: { x: 21, y: 12, width: 90, height: 45 }, postedIn: 'JP', maxSheets: 8, maxGrams: 50, ...plain },
};

const JAPANESE_SOURCE =
  'Envelope, weight: Japan Post, 定形郵便物 (90–120 × 140–235 mm, 50 g). Window: usual stock, 90 × 45 mm at 20–22 mm from the left and 11–13 mm from the top; not a norm.';

/** DIN 5008: an address field of 85 × 45 mm, 20 mm from the left; its upper 17.7 mm hold the sender and remarks. */
const german = (form: 'A' | 'B', top: number, folds: number[]): EnvelopeProfile => ({
  ...{ id: `din-5008-${form.toLowerCase()}`, name: `DIN 5008 ${form}, DL 90 × 45`, paper: a4, folds },
  ...{ envelope: { width: 220, height: 110, grams: 5 }, window: { x: 20, y: 50, width: 90, height: 45 } },
  ...{ ...plain, addressField: { x: 25, y: top + 17.7, width: 73, height: 26.3 }, returnLine: true },
  ...{ postedIn: 'DE', maxSheets: 8, maxGrams: 50 },
  source: `DIN 5008 form ${form}: address field, folds. Window: DIN 680, 20 mm from the left, 15 mm from the bottom.`,
});

/** By what they are called in a notice's `letterProfile`. */
export const shippedProfiles: readonly EnvelopeProfile[] = [
  { ...japanese, id: 'a4-naga3-90x45', name: '長形3号 窓 90 × 45', source: JAPANESE_SOURCE },
  { ...japanese, id: 'a4-yonaga3-90x45', name: '洋形長3号 窓 90 × 45', source: JAPANESE_SOURCE },
  {
    ...{ ...japanese, id: 'a4-kaku2-105x60', name: '角形2号 窓 105 × 60', folds: [] },
    ...{ envelope: { width: 240, height: 332, grams: 18 }, window: { x: 20, y: 35, width: 105, height: 60 } },
    ...{ maxSheets: 26, maxGrams: 150 },
    source: 'Envelope: JIS S 5502, 定形外規格内 to 150 g. Window: no usual stock is known; measure yours.',
  },
  {
    ...{ ...plain, id: 'a4-dl-90x35', name: 'DL, window 90 × 35', paper: a4, folds: inThree, postedIn: 'GB' },
    ...{ envelope: { width: 220, height: 110, grams: 5 }, window: { x: 20, y: 57, width: 90, height: 35 } },
    ...{ maxSheets: 8, maxGrams: 100 },
    source: 'Envelope: ISO 269. Window: usual British stock, 20 mm from the left, 18 mm from the bottom.',
  },
  {
    ...{ ...plain, id: 'a4-c65-90x45', name: 'C6/5, window 90 × 45', paper: a4, folds: [105, 210], postedIn: 'DE' },
    ...{ envelope: { width: 229, height: 114, grams: 5 }, window: { x: 20, y: 54, width: 90, height: 45 } },
    ...{ returnLine: true, maxSheets: 8, maxGrams: 50 },
    source: 'Envelope: ISO 269. Window: DIN 680, 20 mm from the left, 15 mm from the bottom.',
  },
  {
    ...{ ...plain, id: 'a4-c5-90x45', name: 'C5, window 90 × 45', paper: a4, folds: [148.5], postedIn: 'DE' },
    ...{ envelope: { width: 229, height: 162, grams: 7 }, window: { x: 20, y: 57, width: 90, height: 45 } },
    ...{ returnLine: true, maxSheets: 20, maxGrams: 500 },
    source: 'Envelope: ISO 269. Window: usual stock, 20 mm from the left, 60 mm from the bottom.',
  },
  german('A', 27, [87, 192]),
  german('B', 45, [105, 210]),
  {
    ...{
      ...plain,
      id: 'letter-10-114x29',
      name: '#10, window 4 1/2 × 1 1/8 in',
      paper: usLetter,
      folds: [93.1, 186.3],
    },
    ...{
      envelope: { width: 241.3, height: 104.8, grams: 6 },
      window: { x: 22.2, y: 63.5, width: 114.3, height: 28.6 },
    },
    ...{ postedIn: 'US', maxSheets: 6, maxGrams: 99 },
    source:
      'Envelope: 4 1/8 × 9 1/2 in. Window: usual stock, 7/8 in from the left, 1/2 in from the bottom. USPS: 3.5 oz.',
  },
];

const BY_LOCALE: Record<NoticeLocale, string> = { ja: 'a4-naga3-90x45', en: 'a4-dl-90x35' };

/** A profile that comes with the service; null for an unknown id. */
export function shippedProfile(id: string): EnvelopeProfile | null {
  return shippedProfiles.find((profile) => profile.id === id) ?? null;
}

/** The profile of a notice that names none. */
export function defaultProfile(locale: NoticeLocale): EnvelopeProfile {
  return shippedProfile(BY_LOCALE[locale]) as EnvelopeProfile;
}
