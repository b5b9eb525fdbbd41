/** What decides in which batch a letter is printed, and where in it. */
export interface PostalPlace {
  locale: string;
  country: string;
  sheets: number;
  postalCode: string | null;
}

/** Letters that go to the post together, in postal order. */
export interface LetterBatch {
  locale: string;
  country: string;
  /** Of deliveries. */
  ids: string[];
}

/** Letters of one kind may lie in one batch: one body, one weight, one country. */
interface Kind {
  locale: string;
  country: string;
  ids: number[];
  /** Of the letter at the same place in `ids`. */
  codes: string[];
}

export interface LetterPile {
  /** In the order in which letters of one postal code shall lie. @param id of a delivery */
  add(id: string, place: PostalPlace): void;
  /** Cuts the letters in postal order into batches of one language, country and weight with at most `most` letters each. */
  cut(most: number): Generator<LetterBatch>;
}

/**
 * Gathers the open letters of a notice. There may be a million: 40 MB as numbers and shared strings, kind by kind, of which
 * an object for each would make five times as much.
 */
export function letterPile(): LetterPile {
  const kinds = new Map<string, Kind>();
  return {
    add(id, { locale, country, sheets, postalCode }) {
      const name = `${locale} ${country} ${String(sheets).padStart(5, '0')}`;
      const kind = kinds.get(name) ?? { locale, country, ids: [], codes: [] };
      kinds.set(name, kind);
      kind.ids.push(Number(id));
      // '~' stands behind all digits and letters: letters without a postal code come last.
      kind.codes.push(postalCode ?? '~');
    },
    *cut(most) {
      for (const name of [...kinds.keys()].toSorted()) {
        const { locale, country, ids, codes } = kinds.get(name) as Kind;
        const order = inPostalOrder(codes);
        for (let from = 0; from < order.length; from += most) {
          const places = order.subarray(from, from + most);
          yield { locale, country, ids: Array.from(places, (place) => String(ids[place])) };
        }
      }
    },
  };
}

/** The places of postal codes in the order of the codes; those of one code stay as they were. */
function inPostalOrder(codes: string[]): Uint32Array {
  return Uint32Array.from(codes.keys()).sort((a, b) => {
    const [one, other] = [codes[a] as string, codes[b] as string];
    return one < other ? -1 : one > other ? 1 : 0;
  });
}
