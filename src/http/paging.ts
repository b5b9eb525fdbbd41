import { OwabiError } from '../errors.ts';

export interface PageRequest {
  /** Items on this page. Ask the database for one more: it tells whether there is a next page. */
  limit: number;
  /** The position after which the page begins; null for the first page. Always digits: an id or an ordinal. */
  after: string | null;
}

const DEFAULT_LIMIT = 100;

/**
 * Reads a query of `pageFields`.
 * @throws OwabiError `bad_request` for a cursor that is not one of ours
 */
export function pageRequest(query: { limit?: number; cursor?: string }): PageRequest {
  return { limit: query.limit ?? DEFAULT_LIMIT, after: query.cursor === undefined ? null : readCursor(query.cursor) };
}

/**
 * The answer of a paged list.
 * @param rows what was read in the order of their positions: up to `limit + 1`
 * @param positionOf the digits by which the next page continues after this row
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit }: Pick<PageRequest, 'limit'>,
  positionOf: (row: Row) => string | number,
  itemOf: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(itemOf), nextCursor: more ? writeCursor(String(positionOf(last))) : null };
}

// Encoded so that nobody builds on what is in it.
function writeCursor(position: string): string {
  return Buffer.from(`after:${position}`).toString('base64url');
}

function readCursor(cursor: string): string {
  const position = /^after:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (position === undefined) throw new OwabiError('bad_request', 'The cursor is not one of a page of this list.');
  return position;
}
