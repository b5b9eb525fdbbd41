/** Folds a header so that spellings meet: width, case, blanks and punctuation. Folding twice changes nothing. */
export function foldHeader(header: string): string {
  const next = header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\p{Pd}\u2212\p{Ps}\p{Pe}\p{Cc}\p{Cf}:;・/\\*※#."'`|<>+=]/gu, '')
    .normalize('NFKC');
  return next === header ? next : foldHeader(next);
}
