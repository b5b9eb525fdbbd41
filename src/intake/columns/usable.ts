import { OwabiError } from '../../errors.ts';
import type { Column } from './column.ts';
import type { Field } from './column-table.ts';
import { isPointer, type ListKind } from './list-kind.ts';

/**
 * Says why a file with these columns cannot be a list of this kind. Lists that bring persons need a name and a way to
 * reach them. Lists that only point at persons need something to find them by: a reference, an external id, an email
 * address, or a name with an address.
 * @throws OwabiError `no_header`, `no_way_to_reach`
 */
export function requireUsable(columns: readonly Column[], kind: ListKind = 'affected'): void {
  const has = (...fields: Field[]) => columns.some((column) => fields.includes(column.field));
  const named = has('full_name', 'family_name', 'company');
  if (isPointer(kind)) requireKey(has, named);
  else requirePerson(has, named);
}

type Has = (...fields: Field[]) => boolean;

function requirePerson(has: Has, named: boolean): void {
  if (!named) {
    throw new OwabiError(
      'no_header',
      'No column of the first line was recognised as a name. Put the column names in the first line, or say with "mapping" which column is the name.',
    );
  }
  if (!has('email', 'full_address', 'city', 'street')) {
    throw new OwabiError(
      'no_way_to_reach',
      'No column was recognised as an email address or a postal address. Say with "mapping" which column it is.',
    );
  }
}

function requireKey(has: Has, named: boolean): void {
  if (has('reference', 'external_id', 'email')) return;
  if (named && has('full_address', 'city', 'street', 'postal', 'postal1')) return;
  throw new OwabiError(
    named ? 'no_way_to_reach' : 'no_header',
    named
      ? 'A name alone points at nobody. The list needs a column with the reference, the customer number, the email address or the postal address too. Say with "mapping" which column it is.'
      : 'No column of the first line says who is meant: a reference, a customer number, an email address, or a name with an address. Put the column names in the first line, or say with "mapping" which column it is.',
  );
}
