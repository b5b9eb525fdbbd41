/** What no text of a fact sheet may hold. Facts are printed and mailed to everybody, so refuse early. */

/** Issuer prefixes of payment cards, ISO/IEC 7812: 2 (Mastercard, Mir), 3 (Amex, Diners, JCB), 4 (Visa), 5 and 6. */
const ISSUER_PREFIX = /^(?:2[2-7]|3[0-9]|4|5[0-9]|6[0-9])/;

/**
 * Whether the text holds something that reads as a payment card number: 13 to 19 digits in a row (full-width too,
 * single separators allowed) that begin like an issuer and pass the Luhn sum (ISO/IEC 7812-1 annex B).
 */
function holdsCardNumber(text: string): boolean {
  const runs = text.normalize('NFKC').matchAll(/\d+(?:[\s.\-‐-―−ー_/,·]{1,2}\d+)*/gu);
  for (const [run] of runs) {
    if (someGroupsAreCard(run.split(/\D+/))) return true;
  }
  return false;
}

/** Whole groups only, so that dates and telephone numbers side by side are not cut until they pass the sum. */
function someGroupsAreCard(groups: string[]): boolean {
  for (let start = 0; start < groups.length; start++) {
    if (!ISSUER_PREFIX.test(groups.slice(start, start + 2).join(''))) continue;
    let digits = '';
    for (let end = start; end < groups.length && digits.length < 19; end++) {
      digits += groups[end];
      if (digits.length >= 13 && digits.length <= 19 && luhn(digits)) return true;
    }
  }
  return false;
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const TEMPLATE_TAG = /\{\{|\}\}|\{%|%\}|\[\[|\]\]|<%|%>|\$\{/u;
// Private-use characters mark the slots of a person while a notice is prepared; a fact must never look like one.
const UNPRINTABLE = /[\p{Cc}\p{Co}\p{Cs}\u{FFFD}\u{202A}-\u{202E}\u{2066}-\u{2069}]/u;

/** What is wrong with this text, as the end of a sentence that begins with the field's name; null when nothing is. */
export function textProblem(text: string): string | null {
  if (holdsCardNumber(text)) return 'holds a card number: remove it; a notice shows at most the last four digits.';
  if (TEMPLATE_TAG.test(text)) return 'holds a template tag: write the text itself.';
  if (UNPRINTABLE.test(text)) return 'holds a control, private-use or damaged character: write it without.';
  if (text.length > 0 && text.trim() === '') return 'is blank: write it or leave the field out.';
  return null;
}
