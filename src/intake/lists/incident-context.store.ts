import type { Db } from '../../db/database.ts';
import type { RowContext } from '../fields/read-row.ts';

/**
 * What of the incident decides how rows are read. Addresses that name no country are in Japan, unless neither the
 * incident nor the file is Japanese.
 */
export async function readingContext(
  db: Db,
  incidentId: string,
  header: readonly string[],
): Promise<Omit<RowContext, 'postal'>> {
  const { locale, facts } = await db
    .selectFrom('incidents')
    .select(['locale', 'facts'])
    .where('id', '=', incidentId)
    .executeTakeFirstOrThrow();
  const japanese = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(header.join(''));
  const { exposureWindow } = (facts ?? {}) as { exposureWindow?: { from?: string; to?: string } };
  return {
    defaultCountry: locale === 'ja' || japanese ? 'JP' : 'US',
    exposureWindow: exposureWindow ? { from: exposureWindow.from ?? null, to: exposureWindow.to ?? null } : null,
    today: new Date().toISOString().slice(0, 10),
  };
}
