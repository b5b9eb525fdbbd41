/** What a letter goes into. All measures in mm, from the upper left corner of what they are measured on. */
import Type, { type Static, type TProperties } from 'typebox';

const closed = <T extends TProperties>(properties: T) => Type.Object(properties, { additionalProperties: false });
const Mm = Type.Number({ minimum: 0, maximum: 1000, description: 'mm' });
const Length = Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: 'mm' });
const Area = closed({ x: Mm, y: Mm, width: Length, height: Length });
// What it must be is said by `profileFaults`, in a sentence.
const Code = (description: string) => Type.String({ maxLength: 20, description });

const own = {
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  paper: closed({
    ...{ width: Length, height: Length },
    gramsPerM2: Type.Number({ minimum: 30, maximum: 400, description: 'g/m²' }),
  }),
  folds: Type.Array(Length, {
    maxItems: 3,
    description: 'Distances of the folds from the top of the sheet, from above; none: it goes in flat.',
  }),
  envelope: closed({
    ...{ width: Length, height: Length },
    grams: Type.Number({ exclusiveMinimum: 0, maximum: 200, description: 'What an empty one weighs.' }),
  }),
  window: Type.Object(Area.properties, { additionalProperties: false, description: 'Measured on the envelope.' }),
  addressField: Type.Union([Area, Type.Null()], {
    description: 'Where a norm wants the address, on the sheet; null: in all of the zone that is always visible.',
  }),
  returnLine: Type.Boolean({ description: 'Whether the sender stands in one small line above the address.' }),
  inserterMark: Type.Union([closed({ x: Mm, y: Mm }), Type.Null()], {
    description: 'Where each front page carries the DataMatrix for the inserting machine; null: nowhere.',
  }),
  mailer: Type.Optional(
    Type.Union(
      [
        closed({
          barcodeId: Type.Optional(Code('Two digits: how the mail is sorted; absent: 00.')),
          serviceType: Code('Three digits (STID): class of mail, and services such as address correction.'),
          mailerId: Code('Six or nine digits (MID), of this installation alone.'),
        }),
        Type.Null(),
      ],
      { description: 'What USPS has given the sender, for the barcode of American letters; null: no barcode.' },
    ),
  ),
  postedIn: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1: its letters carry no country.' }),
  maxSheets: Type.Integer({ minimum: 1, maximum: 100, description: 'More do not go into the envelope.' }),
  maxGrams: Type.Number({ exclusiveMinimum: 0, maximum: 5000, description: 'The post takes no more at this rate.' }),
  source: Type.String({ maxLength: 500, description: 'Where the measures are from.' }),
  verifiedOn: Type.Union([Type.String({ format: 'date' }), Type.Null()], {
    description: 'When they were last compared with the source; null: never, so print the calibration sheet first.',
  }),
  effectiveFrom: Type.String({ format: 'date' }),
};

/** A profile as somebody makes it. */
export const NewEnvelopeProfile = closed(own);
/** Paper, folds, envelope and window, and where they are from. */
export const EnvelopeProfile = closed({ id: Type.String({ minLength: 1, maxLength: 100 }), ...own });
export type NewEnvelopeProfile = Static<typeof NewEnvelopeProfile>;
export type EnvelopeProfile = Static<typeof EnvelopeProfile>;

/** Grams of a letter with so many sheets, envelope included. */
export function letterGrams({ paper, envelope }: Pick<EnvelopeProfile, 'paper' | 'envelope'>, sheets: number): number {
  const sheetGrams = (paper.width * paper.height * paper.gramsPerM2) / 1_000_000;
  return sheets * sheetGrams + envelope.grams;
}
