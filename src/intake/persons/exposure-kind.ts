import type { Column } from '../columns/columns.ts';

const KINDS: Record<string, string> = { cards: 'card', accounts: 'account', records: 'record', persons: 'record' };

/**
 * What one exposure of a list is: a card when its columns speak of cards, else what the incident's scale counts.
 * @param facts of the incident; the scale may be unknown still
 */
export function exposureKind(columns: readonly Column[], facts: unknown): string {
  if (columns.some(({ field }) => field === 'last4' || field === 'brand' || field === 'card_count')) return 'card';
  const scale = (facts as { scale?: { unit?: string }[] } | null)?.scale;
  return KINDS[scale?.[0]?.unit ?? ''] ?? 'record';
}
