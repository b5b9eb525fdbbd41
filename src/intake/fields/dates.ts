// First year of each era of the Japanese calendar, less one.
const ERAS: Record<string, number> = {
  令和: 2018,
  r: 2018,
  平成: 1988,
  h: 1988,
  昭和: 1925,
  s: 1925,
  大正: 1911,
  t: 1911,
};

/**
 * Reads a date as lists write it: 2017-06-02, 2017/6/2, 20170602, 2017年6月2日, 平成29年6月2日, H29.6.2, each with or
 * without a time of day after it.
 * @returns `YYYY-MM-DD`, or null when it is no such date
 */
export function readDate(cell: string): string | null {
  const text = cell.normalize('NFKC').trim().toLowerCase();
  const western = /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[t\s(].*)?$/.exec(text);
  if (western) return dateOf(Number(western[1]), western[2] ?? western[4], western[3] ?? western[5]);
  const era = /^(令和|平成|昭和|大正|[rhst])\s?(元|\d{1,2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[t\s(].*)?$/.exec(
    text,
  );
  if (!era) return null;
  const year = (ERAS[era[1] ?? ''] ?? 0) + (era[2] === '元' ? 1 : Number(era[2]));
  return dateOf(year, era[3], era[4]);
}

function dateOf(year: number, month: string | undefined, day: string | undefined): string | null {
  const iso = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  const date = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso : null;
}
