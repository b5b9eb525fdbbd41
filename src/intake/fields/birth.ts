import { nfkc } from './text.ts';

/**
 * Majority in Japan: 18 years since 1 April 2022, 20 before (Civil Code art. 4; Act 59 of 2018). It is reached at the
 * end of the day before the birthday (Act on Calculation of Ages), so on the birthday itself one is of age.
 */
const MAJORITY: readonly { from: string; years: number }[] = [
  { from: '2022-04-01', years: 18 },
  { from: '0000-01-01', years: 20 },
];

// The oldest person on record lived to 122.
const OLDEST_YEARS = 130;

/** Whether a person born on `birth` is under age on `today`; both `YYYY-MM-DD`. */
export function isMinor(birth: string, today: string): boolean {
  const years = MAJORITY.find(({ from }) => today >= from)?.years ?? 18;
  return addYears(birth, years) > today;
}

/** Whether somebody who could be on a list was born that day. */
export function isPossibleBirth(birth: string, today: string): boolean {
  return birth <= today && addYears(birth, OLDEST_YEARS) > today;
}

// 29 February gives a day that sorts after the 28th and before 1 March, which is what the law makes of it.
function addYears(date: string, years: number): string {
  return String(Number(date.slice(0, 4)) + years).padStart(4, '0') + date.slice(4);
}

const YES = new Set(
  '1 ○ ◯ 〇 ● ✓ ✔ ☑ レ はい 有 あり 該当 yes y true t on 未成年 未成年者 minor 死亡 死去 逝去 物故 故人 deceased dead'.split(
    ' ',
  ),
);
const NO = new Set(
  '0 × ✕ ✗ x - − － ー いいえ 無 なし 無し 非該当 no n false f off 成年 成人 成年者 adult 生存 存命 alive living'.split(
    ' ',
  ),
);

/** What a column that asks yes or no says. Null: neither. An empty cell says no. */
export function readFlag(cell: string): boolean | null {
  if (cell === '') return false;
  const text = nfkc(cell).toLowerCase();
  return YES.has(text) || YES.has(cell) ? true : NO.has(text) || NO.has(cell) ? false : null;
}
