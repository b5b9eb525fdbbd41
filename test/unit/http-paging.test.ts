import { describe, expect, it } from 'vitest';
import { OwabiError } from '../../src/errors.ts';
import { pageOf, pageRequest } from '../../src/http/paging.ts';

const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: String(i + 1) }));
const idOf = (row: { id: string }) => row.id;

describe('a paged list', () => {
  it('asks for a hundred items from the beginning when nothing is said', () => {
    expect(pageRequest({})).toEqual({ limit: 100, after: null });
  });

  it('continues after the last item that was shown', () => {
    const page = pageOf(rows(4), { limit: 3 }, idOf, idOf);
    expect(page.items).toEqual(['1', '2', '3']);
    expect(pageRequest({ limit: 3, cursor: page.nextCursor ?? '' })).toEqual({ limit: 3, after: '3' });
  });

  it('ends when nothing was read beyond the page', () => {
    expect(pageOf(rows(3), { limit: 3 }, idOf, idOf).nextCursor).toBeNull();
    expect(pageOf([], { limit: 3 }, idOf, idOf)).toEqual({ items: [], nextCursor: null });
  });

  it.each(['', 'zz', '17', Buffer.from('after:1 or 1=1').toString('base64url')])('refuses %j as a cursor', (cursor) => {
    expect(() => pageRequest({ cursor })).toThrow(OwabiError);
  });
});
