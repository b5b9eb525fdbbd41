/**
 * Eras of the Japanese calendar, the latest first, each from its first day to its last. On the day of a change both
 * names are right (大正: 明治45年7月30日 is 大正元年7月30日; 昭和: the same on 25 December 1926).
 * Sources: 元号法 and its orders of 1989-01-07 and 2019-04-01; for the earlier ones the rescripts of 1912 and 1926.
 * Until 1872 the months were lunar; nobody whose date stands in a list was born then.
 */
export const eras: readonly Era[] = [
  { names: ['令和', '令', 'r'], code: '5', yearZero: 2018, from: '2019-05-01', to: '9999-12-31' },
  { names: ['平成', '平', 'h'], code: '4', yearZero: 1988, from: '1989-01-08', to: '2019-04-30' },
  { names: ['昭和', '昭', 's'], code: '3', yearZero: 1925, from: '1926-12-25', to: '1989-01-07' },
  { names: ['大正', '大', 't'], code: '2', yearZero: 1911, from: '1912-07-30', to: '1926-12-25' },
  { names: ['明治', '明', 'm'], code: '1', yearZero: 1867, from: '1868-01-25', to: '1912-07-30' },
];

export interface Era {
  /** In lower case. */
  names: readonly string[];
  /** The number that banks and authorities write before six digits: 3500102 is 2 January of 昭和50. */
  code: string;
  /** The year before its first. */
  yearZero: number;
  /** `YYYY-MM-DD` */
  from: string;
  to: string;
}
