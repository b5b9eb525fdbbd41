import { nearReferences, parseReference } from '../../intake/persons/reference.ts';
import { readIntelligentMail } from '../../rendering/barcode/intelligent-mail.ts';

export interface MailNumber {
  mailerId: string;
  serial: number;
}

/** What was typed, or read by a scanner, of a letter that came back. */
export interface Scan {
  /** Nine characters; null: there is none in it, or its check character is wrong. */
  reference: string | null;
  /** The letter's place in its batch, when the inserter's mark was scanned. */
  sequence: number | null;
  /** Of the same mark: which of the person's letters of a notice it is. Null also where an old mark does not say it. */
  generation: number | null;
  /** Who sent it and its serial number, when the Intelligent Mail barcode was scanned. */
  mail: MailNumber | null;
  /** What a mistyped reference may have been meant as; each differs in one character, or a swap of neighbours. */
  near: string[];
}

/** The inserter's mark: `OWABI1;K7Q2M9XDA;12;1;2;1` is reference, sequence, page, last page, generation. Old ones lack that. */
const MARK = /^OWABI1;([^;]+);(\d{1,9});\d+;\d+(?:;(\d{1,9}))?$/;
/** What scanners put before a code to say of which kind it is (ISO/IEC 15424, `]d1` for DataMatrix). */
const SYMBOLOGY = /^\][A-Z][0-9A-Z]/i;

/**
 * Reads a reference as typed, the inserter's mark, the Intelligent Mail barcode, or any other code that holds exactly one reference among fields that
 * are parted by `;`, `,`, `|`, `/`, tabs or blanks. Folded by width and case, since scanners type through input methods.
 */
export function readScan(text: string): Scan {
  const folded = text.normalize('NFKC').trim().replace(SYMBOLOGY, '').toUpperCase();
  const [, marked, sequence, generation] = MARK.exec(folded) ?? [];
  const mail = readIntelligentMail(folded);
  if (mail) return { reference: null, sequence: null, generation: null, mail, near: [] };
  const typed = marked ?? folded;
  const reference = parseReference(typed) ?? onlyReferenceIn(typed);
  const numberIn = (field?: string) => (reference !== null && field !== undefined ? Number(field) : null);
  return {
    reference,
    sequence: numberIn(sequence),
    generation: numberIn(generation),
    mail: null,
    near: reference === null ? nearReferences(typed) : [],
  };
}

function onlyReferenceIn(text: string): string | null {
  const found = new Set(text.split(/[;,|/\s]+/).flatMap((field) => parseReference(field) ?? []));
  const [first] = found;
  return found.size === 1 && first !== undefined ? first : null;
}
