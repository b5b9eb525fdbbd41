/** What decides in which batch a letter is printed, and where in it. */
export interface PostalPlace {
  locale: string;
  country: string;
  sheets: number;
  postalCode: string | null;
}

/** Letters of one kind may lie in one batch: one body, one weight, one country. */
const kindOf = ({ locale, country, sheets }: PostalPlace): string =>
  `${locale} ${country} ${String(sheets).padStart(5, '0')}`;

function byPostalOrder(a: PostalPlace, b: PostalPlace): number {
  // '~' stands behind all digits and letters: letters without a postal code come last.
  const key = (place: PostalPlace) => `${kindOf(place)} ${place.postalCode ?? '~'}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

/** Cuts letters in postal order into batches of one language, country and weight with at most `most` letters each. */
export function cutBatches<Letter extends PostalPlace>(letters: Letter[], most: number): Letter[][] {
  const batches: Letter[][] = [];
  for (const letter of letters.toSorted(byPostalOrder)) {
    const last = batches.at(-1);
    if (last?.[0] && last.length < most && kindOf(last[0]) === kindOf(letter)) last.push(letter);
    else batches.push([letter]);
  }
  return batches;
}
