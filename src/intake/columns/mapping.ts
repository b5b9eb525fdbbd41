import { OwabiError } from '../../errors.ts';
import { type Field, fieldNames } from './column-table.ts';
import { foldHeader } from './fold-header.ts';
import { isForbidden } from './forbidden-columns.ts';

/** What was said of a column: by the operator for this list, or for the last one of the same source. */
export interface Said {
  field: Field;
  by: 'mapping' | 'saved';
}

const isField = (name: string): name is Field => (fieldNames as readonly string[]).includes(name);

/** @throws OwabiError `invalid_mapping` for a field that does not exist */
export function checkMappedFields(mapping: Record<string, string>): void {
  if (!Object.values(mapping).every(isField)) {
    throw new OwabiError(
      'invalid_mapping',
      `The mapping names an unknown field; the fields are ${fieldNames.join(', ')}.`,
    );
  }
}

/** Positions of the named columns. @throws OwabiError `invalid_mapping` for a name that the header does not have */
export function columnPositions(header: readonly string[], names: readonly string[]): number[] {
  const find = finder(header);
  return names.flatMap((name) => existing(find(name)));
}

function existing(positions: number[]): number[] {
  if (positions.length > 0) return positions;
  throw new OwabiError('invalid_mapping', 'The mapping names a column that the file does not have.');
}

/**
 * What was said of each column, by position. What may not be stored stays forbidden whatever is said.
 * @param mapping must fit the header
 * @param saved may name columns that are not there any more, and fields that are not known any more: they are skipped
 * @throws OwabiError `invalid_mapping`
 */
export function readMapping(
  header: readonly string[],
  mapping: Record<string, string>,
  saved: Record<string, string>,
): Map<number, Said> {
  checkMappedFields(mapping);
  const said = new Map<number, Said>();
  const find = finder(header);
  const forbidden = (index: number) => isForbidden(foldHeader(header[index] ?? ''));
  for (const [name, field] of Object.entries(saved)) {
    if (!isField(field)) continue;
    for (const index of find(name)) if (!forbidden(index)) said.set(index, { field, by: 'saved' });
  }
  for (const [name, field] of Object.entries(mapping) as [string, Field][]) {
    for (const index of existing(find(name))) {
      const used = field !== 'forbidden' && field !== 'ignored';
      if (used && forbidden(index)) {
        throw new OwabiError(
          'invalid_mapping',
          'The mapping uses a column that may not be stored (card number, security code, password or My Number).',
        );
      }
      // Ignored columns are kept for the report: what may not be stored stays forbidden.
      said.set(index, { field: forbidden(index) ? 'forbidden' : field, by: 'mapping' });
    }
  }
  return said;
}

/** Finds columns by their exact name, else by their folded one: a mapping may tell 氏名 and 氏　名 apart. */
function finder(header: readonly string[]): (name: string) => number[] {
  const positions = (fold: (text: string) => string) =>
    Map.groupBy(header.keys(), (index) => fold(header[index] ?? ''));
  const exact = positions((text) => text.trim());
  const folded = positions(foldHeader);
  return (name) => exact.get(name.trim()) ?? folded.get(foldHeader(name)) ?? [];
}
