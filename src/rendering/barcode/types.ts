import type { RenderPerson } from '../types.ts';

/** A filled rectangle in mm: x to the right and y down, from the upper left corner of what it belongs to. */
export interface Bar {
  x: number;
  y: number;
  w: number;
  h: number;
}

export type BarcodeKind = 'customer' | 'imb' | 'rm4scc';

/** A barcode for the post, ready to be drawn: black on white, 2 mm clear all round. */
export interface Barcode {
  kind: BarcodeKind;
  /**
   * As the manifest has it. `customer`: 20 characters and the check digit, separated by spaces
   * (`2 6 3 0 0 2 3 3 - 3 0 - 8 - 4 0 3 CC4 CC4 CC4 5`). `rm4scc`: postcode, suffix and check character. `imb`: digits.
   */
  data: string;
  /** From left to right. */
  bars: Bar[];
  /** mm. */
  width: number;
  /** mm. */
  height: number;
}

/** Why a letter carries no barcode; told in docs/letters.md. */
export const noBarcodeReasons = [
  'no_barcode_in_country',
  'no_postal_code',
  'no_postal_data',
  'not_in_japanese',
  'code_unknown',
  'general_code',
  'building_code',
  'town_differs',
  'no_box_number',
  'no_mailer_id',
  'no_room',
  'address_too_high',
] as const;
export type NoBarcodeReason = (typeof noBarcodeReasons)[number];

export interface NoBarcode {
  none: NoBarcodeReason;
}

/** What of a person decides the barcode. */
export type BarcodePerson = Pick<RenderPerson, 'country' | 'postalCode' | 'addressLines' | 'mailSerial'>;
