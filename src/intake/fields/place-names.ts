import { nfkc } from './text.ts';

// Spellings of one place: 龍ケ崎 and 龍ヶ崎, 井之上 and 井の上, 竜 and 龍. For comparing only.
const PAIRS = 'ヶケヵケがケガケノの之の龍竜藪薮桧檜鯵鰺曽曾渕淵嶋島冨富靱靭鴬鶯竈釜'.match(/../gu) ?? [];
const VARIANTS = new Map(PAIRS.map((pair): [string, string] => [pair.charAt(0), pair.charAt(1)]));
const TO_FOLD = new RegExp(`[${[...VARIANTS.keys()].join('')}]`, 'g');

/** The name of a place, or an address, without blanks, 大字 and 字, and with one spelling of each variant. */
export function foldPlace(text: string): string {
  return nfkc(text)
    .replace(/\s/g, '')
    .replace(/大字|字/g, '')
    .replace(TO_FOLD, (character) => VARIANTS.get(character) ?? character);
}

// 石狩郡当別町 is written without its county, 三宅島三宅村 without its island.
const ABOVE_TOWN = /^(?:.+?郡|三宅島|八丈島)(?=.+[町村]$)/;
const WARD = /^(.+?市)(.+区)$/;

/** The ways in which an address may name a municipality, folded, the whole name first. */
export function waysToName(city: string): {
  whole: string;
  short: string | null;
  ward: { of: string; name: string } | null;
} {
  const whole = foldPlace(city);
  const short = whole.replace(ABOVE_TOWN, '');
  const [, of, name] = WARD.exec(whole) ?? [];
  return { whole, short: short === whole ? null : short, ward: of && name ? { of, name } : null };
}
