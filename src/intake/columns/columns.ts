import { sampleCells } from './cell-kinds.ts';
import { keepBest, keepOneParty, setOrderNumbersAside } from './choose-columns.ts';
import type { Columns, ColumnWarning } from './column.ts';
import { isExpiry } from './forbidden-columns.ts';
import { guessColumns, nameByKana } from './guess-columns.ts';
import { forbidByContent, judgeContent } from './judge-content.ts';
import { isPointer, type ListKind } from './list-kind.ts';
import { readMapping } from './mapping.ts';
import { type Reading, readHeader } from './read-header.ts';
import { splitAddresses } from './split-addresses.ts';
import { splitNames } from './split-names.ts';

export type { Column, Columns } from './column.ts';
export { foldHeader } from './fold-header.ts';
export { checkMappedFields, columnPositions } from './mapping.ts';
export { requireUsable } from './usable.ts';

/** What is known beside the header. */
export interface Recognition {
  /** Column → field, as an operator said it for this list; goes before everything but what may not be stored. */
  mapping?: Record<string, string>;
  /** Column → field, as an operator said it for the last list of the same source. Columns that are gone are skipped. */
  saved?: Record<string, string>;
  /** The first rows; the first 200 are looked at. */
  sample?: readonly (readonly string[])[];
  /** `affected` when absent. */
  kind?: ListKind;
  /** Positions of columns of which the operator said that they hold no card numbers. */
  notCards?: Iterable<number>;
}

/**
 * Recognises the columns of a list by their names, by each other, and by their cells. What a column means does not depend
 * on where it stands.
 * @throws OwabiError `invalid_mapping`
 */
export function recogniseColumns(header: readonly string[], said: Recognition = {}): Columns {
  const kind = said.kind ?? 'affected';
  const cellsOf = sampleCells(said.sample ?? [], header.length);
  const readings = readAll(header, said, kind);
  const free = readings.filter((reading) => reading.by === 'name');
  forbidByContent(readings, cellsOf, new Set(said.notCards));
  const unexpected = judgeContent(free, readings, cellsOf, kind);
  setOrderNumbersAside(free, readings);
  splitNames(free, readings);
  splitAddresses(free, readings, cellsOf);
  keepOneParty(free, readings);
  const duplicates = keepBest(readings, cellsOf);
  guessColumns(readings, header, { cellsOf, duplicates });
  if (!isPointer(kind)) nameByKana(readings);
  const positions = (test: (reading: Reading) => boolean) => readings.filter(test).map((reading) => reading.index);
  const warnings: ColumnWarning[] = [
    { code: 'forbidden_column', columns: positions((reading) => reading.field === 'forbidden') },
    { code: 'card_expiry', columns: positions((reading) => isExpiry(reading.folded)) },
    { code: 'duplicate_column', columns: duplicates },
    { code: 'unexpected_content', columns: unexpected },
  ];
  return {
    columns: readings.map(({ index, field, sure, by }) => ({ name: header[index] ?? '', field, sure, by })),
    warnings: warnings.filter((warning) => warning.columns.length > 0),
  };
}

function readAll(header: readonly string[], { mapping = {}, saved = {} }: Recognition, kind: ListKind): Reading[] {
  const said = readMapping(header, mapping, saved);
  return header.map((name, index) => {
    const reading = readHeader(name, index, kind);
    const known = said.get(index);
    if (!known) return reading;
    return { ...reading, ...known, sure: 'certain', rank: known.by === 'mapping' ? -2 : -1, party: null };
  });
}
