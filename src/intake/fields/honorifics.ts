/**
 * What is written after or before a name. 様 and its spellings are the default, so they need not be kept.
 * Source: the usage of Japanese letters (様 to persons, 御中 to organisations, never both).
 */
const DEFAULTS: ReadonlySet<string> = new Set(['様', 'さま', 'サマ', '樣', '殿様']);

/** Stuck to the name: no name of a person ends like this. */
const ATTACHED = /[\s\u3000]*[(（]?(様|樣|御中)[)）]?$/;
/** Only after a blank: 鵜殿 is a family name. Not 君: 王 君 is a whole name. */
const AFTER_BLANK = /[\s\u3000]+[(（]?(さま|サマ|殿|先生|さん|氏|くん|ちゃん|女史|各位|御一同|宛|宛て)[)）]?$/;
/** Written by the sender about themselves or for the postman: no honorific. */
const NOT_AN_HONORIFIC: ReadonlySet<string> = new Set(['宛', '宛て']);
const LATIN_TITLE = /^(mr|mrs|ms|miss|mx|dr|prof|rev|sir|madam|dame)\b\.?[\s\u3000]*/i;
const LATIN_TITLE_BEFORE = /^(mr|mrs|ms|miss|mx|dr|prof|rev)(?:\.[\s\u3000]*|[\s\u3000]+)(?=\S)/i;
const NEVER_WITH_A_PERSON: ReadonlySet<string> = new Set(['御中', '各位', '御一同']);

/** Forms of companies and bodies, at either end of their name, after NFKC (㈱ is (株)): the name is not a person's. */
const FORM =
  /株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|\([株有合資名同財社医学福宗特協監]+\)|(?:\p{Script=Han}+|NPO)法人|協同組合/u;
/** How names of bodies end, and no name of a person. */
const BODY =
  '(?:大学|大学院|学校|学園|学院|幼稚園|保育園|保育所|こども園|病院|医院|診療所|クリニック|薬局|[市区]役所|[町村]役場|[都道府県]庁|税務署|警察署|消防署|郵便局|裁判所|銀行|信用金庫|組合|協会|連盟|連合会|委員会|協議会|商工会|会議所|自治会|町内会|財団|社団|事務所|研究所|製作所|営業所|事業所|図書館|美術館|博物館|商店|商会|神社|支店|支社|支部|本社|本店|工場|センター|ホールディングス)';
const BODY_ALONE = new RegExp(`${BODY}$`, 'u');
/** Where a part of a body ends: 総務部, but not 服部, nor 小室. */
const PART = '(?:(?<![服阿安磯渡岡矢園谷下綾軽坂神川田])部|課|(?<![小大氷])室|係|店)';
const PART_AT_END = new RegExp(`${PART}$`, 'u');
/** A body with a part of it behind a blank: 見本市役所 総務課. */
const PART_OF_BODY = new RegExp(`${BODY}\\s.*${PART}$`, 'u');
/** What is written before the name of a person who acts for a body, also without a blank. */
const OFFICE = /代表取締役|取締役|代表社員|代表理事|代表者|理事長|[部課係所店院校園学]長|様方/u;
// Not "Co" without its full stop, which is a family name.
const LATIN_FORM = /[\s,](?:inc\.?|ltd\.?|llc|llp|corp\.?|co\.|company|limited|corporation|gmbh|plc|k\.k\.)$/i;

export interface Parted {
  name: string;
  honorific: string | null;
}

/** Takes the honorifics off a name, from behind and from before; the innermost is the one that counts. */
export function partHonorific(text: string): Parted {
  let [name, honorific]: [string, string | null] = [text, null];
  // Few names end in one of these; asking the last character spares the patterns.
  while (mayEndInHonorific(name)) {
    const found = ATTACHED.exec(name) ?? AFTER_BLANK.exec(name);
    if (!found) break;
    name = name.slice(0, found.index);
    if (!NOT_AN_HONORIFIC.has(found[1] ?? '')) honorific = found[1] ?? null;
  }
  const before = name.charCodeAt(0) < 0x80 ? LATIN_TITLE_BEFORE.exec(name) : null;
  if (before) {
    name = name.slice(before[0].length);
    honorific = latinTitle(before[1] ?? '');
  }
  return { name, honorific };
}

const LAST_CHARACTERS: ReadonlySet<string> = new Set([...'様樣中ま殿生んマ氏史位同宛て)）']);

function mayEndInHonorific(name: string): boolean {
  // What is longer is no name, and patterns that look for blanks at an end take long for many.
  return name.length <= 200 && LAST_CHARACTERS.has(name.charAt(name.length - 1));
}

/** An honorific that stands in a column of its own. Null: the default. Undefined: it is none. */
export function readHonorific(cell: string): string | null | undefined {
  if (cell === '' || DEFAULTS.has(cell)) return null;
  const latin = LATIN_TITLE.exec(cell);
  if (latin && latin[0].length === cell.length) return latinTitle(latin[1] ?? '');
  // 男, 1 or F stand in columns that are called "title" too.
  const isWord =
    cell.length <= 8 && /^[\u3041-\u30FE\u4E00-\u9FFF]+$/.test(cell) && !/^(?:男|女|男性|女性|不明|なし)$/.test(cell);
  return isWord ? cell : undefined;
}

function latinTitle(word: string): string {
  const title = word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
  return /^(?:Miss|Sir|Madam|Dame)$/.test(title) ? title : `${title}.`;
}

export function isDefault(honorific: string): boolean {
  return DEFAULTS.has(honorific);
}

export function isForOrganisations(honorific: string): boolean {
  return NEVER_WITH_A_PERSON.has(honorific);
}

/**
 * Whether a name is that of a company or body: `alone` when no person follows it, as in 株式会社見本 大阪支店 and
 * 見本市役所 総務課; `with_person` in 株式会社見本 代表取締役 見本太郎.
 */
export function organisationIn(name: string): 'none' | 'alone' | 'with_person' {
  const plain = name.normalize('NFKC').trim();
  const form = FORM.exec(plain);
  if (BODY_ALONE.test(plain)) return 'alone';
  if (!form) return LATIN_FORM.test(plain) || PART_OF_BODY.test(plain) ? 'alone' : 'none';
  const rest = (plain.slice(0, form.index) + plain.slice(form.index + form[0].length)).trim();
  if (PART_AT_END.test(rest)) return 'alone';
  return /\s/.test(rest) || OFFICE.test(rest) ? 'with_person' : 'alone';
}
