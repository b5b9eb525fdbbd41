import { type Field, lookalikes, pointerSynonyms, synonyms } from './column-table.ts';
import { foldHeader } from './fold-header.ts';
import { isForbidden, isLastFour } from './forbidden-columns.ts';
import { isPointer, type ListKind } from './list-kind.ts';

/**
 * Whose data a column says it holds. `delivery` may be another person's, never the buyer's letter there; `elsewhere` is
 * a place of work or a second address, where others may open the letter.
 */
export type Party = 'own' | 'buyer' | 'delivery' | 'elsewhere';

/** A column while it is being understood. */
export interface Reading {
  readonly index: number;
  readonly folded: string;
  /** Folded header without the party, the polite prefix and how it was to be filled in. */
  readonly bare: string;
  readonly party: Party | null;
  field: Field;
  /** Of two columns for one field, the lower is taken. */
  rank: number;
  sure: 'certain' | 'likely' | 'guess';
  by: 'mapping' | 'saved' | 'name' | 'content';
  /** Whether its name was recognised, whatever became of it. */
  readonly named: boolean;
}

/** Whether a column speaks of another person or place than the customer's own. */
export const isFar = (reading: Reading): boolean => reading.party === 'delivery' || reading.party === 'elsewhere';

const party = (name: Party, pattern: string, suffix: string): [RegExp, RegExp, Party] => [
  new RegExp(`^(?:${pattern})(?:情報)?の?`),
  new RegExp(`(?:の?${suffix})$`),
  name,
];

// Prefixes, and the same words after the name, as BASE has them: 氏(請求先).
const PARTIES: [RegExp, RegExp, Party][] = [
  party(
    'own',
    '会員様?|顧客|お客(?:様|さま)|ご?本人様?|ご?契約者様?|ご?加入者様?|お?申込者様?|ご?利用者様?|応募者|社員|職員|従業員|患者様?|生徒|学生|児童|受講者|参加者|株主|ユーザー?|customers?|members?|users?|clients?|employee|patient|student|subscriber|(?:customer)?defaultaddress|contact|ご?自宅|郵送先|home|mailing|primary',
    '(?:自宅|ご自宅|会員|本人|郵送先|home)',
  ),
  party(
    'buyer',
    'ご?注文者様?|ご?購入者様?|ご?請求先|受注者?|bill(?:ing|to)?|buyer|purchaser|order(?=name0|kana|zip|pref|addr|tel|email)',
    '(?:ご?注文者|ご?購入者|ご?請求先|billing)',
  ),
  party(
    'delivery',
    'ご?送付先|送り先|ご?配送先|お?届け?先|発送先?|納入先|納品先|お?受取人|ship(?:ping|to)?|deliver(?:y|to)|receiver|consignee|recipient',
    '(?:ご?送付先|送り先|ご?配送先|お?届け?先|発送先|納入先|納品先|shipping|delivery)',
  ),
  party(
    'elsewhere',
    'ご?勤務先|会社|法人|事業所|職場|実家|帰省先|その他|work|business|office|company|employer|other|secondary|alternate',
    '(?:ご?勤務先|会社|職場|実家|その他|work|business|office|other)',
  ),
];
const PARTY_RANK: Record<Party, number> = { own: 1_000, buyer: 2_000, delivery: 3_000, elsewhere: 4_000 };
// After all the names that need no trimming.
const TRIMMED = 500;

// What may be taken from a place of work. An id or a name there is the company's, and the number of a 受注 is the order's.
const ELSEWHERE = /^(?:postal[12]?|prefecture|city|street|building|full_address|email|phone[123]?)$/;

/** Reads one column by its name alone. */
export function readHeader(name: string, index: number, kind: ListKind): Reading {
  const folded = foldHeader(name);
  const base = { index, folded, bare: folded, party: null, rank: 0, by: 'name', sure: 'certain', named: true } as const;
  if (isLastFour(folded)) return { ...base, field: 'last4' };
  if (isForbidden(folded)) return { ...base, field: 'forbidden' };
  if (lookalikes.has(folded)) return { ...base, field: 'ignored', named: false };
  const whole = (isPointer(kind) ? pointerSynonyms.get(folded) : undefined) ?? synonyms.get(folded);
  if (whole) {
    const party = partyOf(folded)?.party ?? null;
    return { ...base, ...whole, party, rank: whole.rank + (party === 'delivery' ? PARTY_RANK.delivery : 0) };
  }
  const stripped = strip(folded);
  const part = synonyms.get(stripped.bare);
  const plain = part ?? synonyms.get(withoutTrimmings(stripped.bare));
  const bare = part || !plain ? stripped.bare : withoutTrimmings(stripped.bare);
  const rank = (stripped.party ? PARTY_RANK[stripped.party] : 0) + (plain && !part ? TRIMMED : 0) + (plain?.rank ?? 0);
  const unusable =
    (stripped.party === 'elsewhere' && !ELSEWHERE.test(plain?.field ?? '')) ||
    (plain?.field === 'external_id' && stripped.party !== null && stripped.party !== 'own' && !/者/.test(folded));
  const sure = part && stripped.party !== 'delivery' && stripped.party !== 'elsewhere' ? 'certain' : 'likely';
  if (!plain || unusable) return { ...base, bare, party: stripped.party, rank, field: 'ignored', named: false };
  return { ...base, bare, party: stripped.party, rank, sure, field: plain.field };
}

/** Takes the words for a party off; of two, the farther from the customer counts: お届け先お客様名 is a receiver's. */
function strip(folded: string): { bare: string; party: Party | null } {
  let found: { bare: string; party: Party | null } = { bare: folded, party: null };
  for (let times = 0; times < 2; times++) {
    const next = partyOf(found.bare);
    if (!next || next.bare === '') break;
    const farther = found.party !== null && PARTY_RANK[found.party] > PARTY_RANK[next.party];
    found = { bare: next.bare, party: farther ? found.party : next.party };
    if (synonyms.has(found.bare)) break;
  }
  return found;
}

function partyOf(folded: string): { bare: string; party: Party } | null {
  for (const side of [0, 1] as const) {
    for (const pattern of PARTIES) {
      const bare = folded.replace(pattern[side], '');
      if (bare !== folded) return { bare, party: pattern[2] };
    }
  }
  return null;
}

const HOW_TO_FILL_IN =
  /(?:半角|全角|英数字?|数字のみ|[0-9]+桁|ハイフン(?:なし|無し|あり|有り|付き?)|必須|任意|確認用?|漢字|西暦|和暦|欄|例.*)+$/;

/** Without the polite prefix, the address that a part belongs to, and how the field was to be filled in. */
function withoutTrimmings(bare: string): string {
  return bare
    .replace(/^[おご御]/, '')
    .replace(/^address(?:(?=[a-z]{3})|[0-9](?=street|city|region|postalcode|country))|^住所(?=郵便|建物|番地|町)/, '')
    .replace(HOW_TO_FILL_IN, '');
}
