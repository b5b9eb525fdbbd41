import { isDefault, isForOrganisations, organisationIn, partHonorific, readHonorific } from './honorifics.ts';
import { hasBlot, hasPrivateUse, isEastAsian } from './text.ts';

export interface ReadName {
  /** As it came, without honorific. Empty when the row names nobody. */
  name: string;
  /** Taken off the name, or from its own column; null for the default: 様, or 御中 where the name is a company's. */
  honorific: string | null;
  damaged: boolean;
  warnings: NameWarning[];
}

export type NameWarning = 'gaiji' | 'long_name' | 'test_name' | 'bad_honorific';

export interface NameCells {
  fullName: string;
  familyName: string;
  givenName: string;
  company: string;
  honorific: string;
}

const LONG = 100;

/** Reads who the row is about: the whole name, else family and given name, else the company. */
export function readName(cells: NameCells): ReadName {
  const warnings: NameWarning[] = [];
  const person = cells.fullName.trim() || joinName(cells.familyName.trim(), cells.givenName.trim());
  const text = person || cells.company.trim();
  const { name, honorific: attached } = partHonorific(text);
  if (!isName(name)) return { name: '', honorific: null, damaged: false, warnings };
  const given = readHonorific(cells.honorific.trim());
  if (given === undefined) warnings.push('bad_honorific');
  const hasGaiji = hasPrivateUse(name);
  if (hasGaiji) warnings.push('gaiji');
  if (name.length > LONG) warnings.push('long_name');
  if (isTestName(name)) warnings.push('test_name');
  const isCompany = person === '' || name === cells.company.trim();
  return {
    name,
    honorific: chooseHonorific({
      name,
      given: given ?? null,
      attached,
      isCompany,
      atCompany: cells.company.trim() !== '',
    }),
    damaged: hasGaiji || hasBlot(name) || hasBreak(name),
    warnings,
  };
}

/** Japanese, Chinese, Korean: family name first. Otherwise the given name first, as it is written on an envelope. */
export function joinName(family: string, given: string): string {
  if (family === '' || given === '') return family + given;
  return isEastAsian(family) || isEastAsian(given) ? `${family} ${given}` : `${given} ${family}`;
}

interface Choice {
  name: string;
  given: string | null;
  attached: string | null;
  isCompany: boolean;
  atCompany: boolean;
}

// 御中 to organisations, 様 to persons, and never both: a person at a company gets 様 though the list says 御中.
function chooseHonorific({ name, given, attached, isCompany, atCompany }: Choice): string | null {
  const organisation = organisationIn(name);
  if (isCompany || organisation === 'alone') {
    const wish = given ?? attached;
    return wish === null || isDefault(wish) ? '御中' : wish;
  }
  const isPerson = atCompany || organisation === 'with_person';
  const wish = [given, attached].find(
    (one) => one !== null && !isDefault(one) && !(isPerson && isForOrganisations(one)),
  );
  // A letter calls whatever names a company 御中 unless the person's honorific is said.
  return wish ?? (organisation === 'with_person' ? '様' : null);
}

/** Whether there is a letter in it, or what is left of one, and it is no address of mail. */
function isName(text: string): boolean {
  if (text === '' || text.includes('@') || text.includes('＠')) return false;
  // Kanji, kana and Latin letters first: asking for any letter of Unicode costs more.
  const code = text.charCodeAt(0);
  if ((code >= 0x4e00 && code <= 0x9fff) || (code >= 0x3041 && code <= 0x30f6)) return true;
  if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) return true;
  return /[\p{L}\p{Co}〓■□●?？\uFFFD]/u.test(text);
}

function hasBreak(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 0x20) return true;
  return false;
}

const TEST = /^(?:(?:テスト|てすと|ダミー|動作確認)|(?:test|dummy|ｔｅｓｔ)(?:$|[\s\d_\-\u3000]|user|taro|テスト))/i;
const TEST_BEGINS: ReadonlySet<string> = new Set([...'テてダ動tTdDｔＴ']);

/** A row that somebody left in the system after trying it out. */
function isTestName(name: string): boolean {
  return TEST_BEGINS.has(name.charAt(0)) && TEST.test(name);
}
