import { customerCharactersFor, type PostalLookup } from './customer-address.ts';
import { customerData, customerStates } from './customer-code.ts';
import { type FourStateRules, fitBars } from './four-state.ts';
import { intelligentMailData, intelligentMailStates, type Mailer } from './intelligent-mail.ts';
import { royalMailData, royalMailStates } from './royal-mail.ts';
import type { Barcode, BarcodeKind, BarcodePerson, NoBarcode } from './types.ts';

const INCH = 25.4;

const RULES: Record<BarcodeKind, FourStateRules> = {
  // For 8 points, the smallest: pitch 0.76–1.04, bar 0.40–0.56, space 0.36–0.48, long 2.72–2.88, timing 0.84–1.08
  // (マニュアル p. 12). All lie well inside, because toner widens a bar; Japan Post's readers did better with bars
  // nearer together than nominal (0.96) than wider apart.
  customer: { leastPitch: 0.8, bestPitch: 0.9, barShare: 0.525, full: 2.8, timing: 0.96 },
  // 20 to 24 bars an inch, bars of 0.015–0.025 inch, 0.125–0.165 high, timing 0.039–0.057 (USPS-B-3200, 2.3).
  imb: { leastPitch: INCH / 24, bestPitch: INCH / 22, barShare: 0.44, full: 0.145 * INCH, timing: 0.048 * INCH },
  // 20 to 24 bars an inch, bars of 0.38–0.63 mm, 4.22–5.84 high, timing 1.02–1.52 (Royal Mail).
  rm4scc: { leastPitch: INCH / 24, bestPitch: INCH / 22, barShare: 0.44, full: 5, timing: 1.27 },
};

export interface BarcodeOrder {
  person: BarcodePerson;
  /** With what a Japanese address is compared; null: there are no postal data, and so no barcode. */
  postal: PostalLookup | null;
  /** What is always visible of the window, without what stays clear at each side. */
  maxWidthMm: number;
  /** For American addresses; null: the profile has no mailer, or the letter no serial. */
  mailer?: Mailer | null;
}

/**
 * The post's barcode for an address, of the kind that its country reads, fitted to the width; or why there is none,
 * which never is a reason not to send the letter.
 */
export function barcodeFor({ person, postal, maxWidthMm, mailer = null }: BarcodeOrder): Barcode | NoBarcode {
  const found = dataFor(person, postal, mailer);
  if ('none' in found) return found;
  const states = barcodeStates(found.kind, found.data);
  const drawn = states === null ? null : fitBars(states, RULES[found.kind], maxWidthMm);
  return drawn === null ? { none: 'no_room' } : { ...found, ...drawn };
}

/**
 * The bars of a barcode in the manifest's form: 1 full, 2 up, 3 down, 4 timing only.
 * @returns null when these are not data of a customer barcode
 */
export function barcodeStates(kind: BarcodeKind, data: string): string | null {
  if (kind === 'customer') return customerStates(data);
  return kind === 'imb' ? intelligentMailStates(data) : royalMailStates(data);
}

function dataFor(
  person: BarcodePerson,
  postal: PostalLookup | null,
  mailer: Mailer | null,
): Pick<Barcode, 'kind' | 'data'> | NoBarcode {
  if (person.country === 'JP') {
    const characters = customerCharactersFor(person, postal);
    return 'none' in characters ? characters : { kind: 'customer', data: customerData(characters) };
  }
  if (person.country === 'US') {
    const data = intelligentMailData(person.postalCode ?? '', mailer);
    return typeof data === 'string' ? { kind: 'imb', data } : data;
  }
  if (person.country !== 'GB') return { none: 'no_barcode_in_country' };
  const data = royalMailData(person.postalCode ?? '');
  return data === null ? { none: 'no_postal_code' } : { kind: 'rm4scc', data };
}
