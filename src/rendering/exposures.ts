/** A person's own exposures in words. How many in email; which, with at most the last four digits, in letters only. */
import type { Exposure, NoticeLocale } from './types.ts';

const COUNTS: Record<
  NoticeLocale,
  { [kind: string]: (n: string, many: boolean) => string; other: (n: string, many: boolean) => string }
> = {
  ja: {
    card: (n) => `クレジットカード${n}枚`,
    account: (n) => `アカウント${n}件`,
    other: (n) => `情報${n}件`,
  },
  en: {
    card: (n, many) => `${n} payment card${many ? 's' : ''}`,
    account: (n, many) => `${n} account${many ? 's' : ''}`,
    other: (n, many) => `${n} item${many ? 's' : ''} of information`,
  },
};

/** `クレジットカード2枚`, `2 payment cards`; empty without exposures. */
function countExposures(locale: NoticeLocale, exposures: readonly Exposure[]): string {
  const units = new Map<string, number>();
  for (const { kind, units: n } of exposures) {
    const known = kind === 'card' || kind === 'account' ? kind : 'other';
    units.set(known, (units.get(known) ?? 0) + n);
  }
  return [...units]
    .filter(([, n]) => n > 0)
    .map(([kind, n]) => (COUNTS[locale][kind] ?? COUNTS[locale].other)(n.toLocaleString('en-US'), n !== 1))
    .join(locale === 'ja' ? '、' : ' and ');
}

/** What of the person's own is concerned, as one sentence that is true for a person without exposures too. */
export function exposureSentence(locale: NoticeLocale, exposures: readonly Exposure[]): string {
  const count = countExposures(locale, exposures);
  if (locale === 'ja') {
    return count === ''
      ? 'お客様の情報が本件の対象に含まれていることは、現在までのところ確認されておりません。'
      : `お客様につきましては、${count}が本件の対象となっております。`;
  }
  return count === ''
    ? 'So far, we have not found your own information among that concerned.'
    : `In your case, this concerns ${count}.`;
}

const NONE_KNOWN: Record<NoticeLocale, string> = {
  ja: '現在までのところ確認されておりません',
  en: 'none found so far',
};

/** One line for each exposure, such as `VISA 下4桁 1234`; a line that says so when none is known. */
export function listExposures(locale: NoticeLocale, exposures: readonly Exposure[]): string[] {
  const lines = exposures.filter(({ units }) => units > 0).map((exposure) => exposureLine(locale, exposure));
  return lines.length > 0 ? lines : [NONE_KNOWN[locale]];
}

function exposureLine(locale: NoticeLocale, { kind, units, brand, last4 }: Exposure): string {
  const count = countExposures(locale, [{ kind, units, brand, last4 }]);
  if (kind !== 'card') return count;
  const label = brand ?? (locale === 'ja' ? 'クレジットカード' : 'Payment card');
  if (last4 === null) return brand === null ? count : `${brand} ${count}`;
  const digits = locale === 'ja' ? `下4桁 ${last4}` : `ending in ${last4}`;
  return units > 1 ? `${label} ${digits} ×${units}` : `${label} ${digits}`;
}
