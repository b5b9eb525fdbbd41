/** How Excel shows a number, as far as it changes what a list says. */
export type NumberFormat = { kind: 'date' } | { kind: 'digits'; sections: Section[] };

interface Section {
  /** Such as `<=999`; null: by its sign. */
  condition: { operator: string; operand: number } | null;
  /** Placeholders and literal characters; null when the section shows something else than digits. */
  tokens: Token[] | null;
}
type Token = { digit: '0' | '#' } | { literal: string };

/** Formats that are known by their number (ECMA-376 part 1, §18.8.30), those of Japanese Excel included. */
function isDateId(id: number): boolean {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/**
 * Reads a number format. Null: numbers are shown as they are.
 * @param code its code (ECMA-376 part 1, §18.8.31), if it has one of its own
 */
export function readNumberFormat(id: number, code: string | undefined): NumberFormat | null {
  if (code === undefined) return isDateId(id) ? { kind: 'date' } : null;
  if (isDate(code)) return { kind: 'date' };
  const sections = splitSections(code).map(readSection);
  return sections.some(({ tokens }) => tokens !== null && changesDigits(tokens)) ? { kind: 'digits', sections } : null;
}

// Whatever is quoted, escaped or in brackets says nothing; of brackets only elapsed time: [h], [mm]. General is called
// G/標準 in Japanese, and some programs write it so.
function isDate(code: string): boolean {
  const bare = code
    .replace(/"[^"]*"|[\\_*]./g, '')
    .replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, '')
    .replace(/General|G\/[^\s;ymdhse]+/gi, '')
    .replace(/E[+-]/g, '');
  return /[ymdhsaeg]/i.test(bare);
}

function splitSections(code: string): string[] {
  return code.match(/(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])+/g) ?? [];
}

function readSection(code: string): Section {
  const [, operator, operand] = /\[(<=|>=|<>|<|>|=)(-?[\d.]+)\]/.exec(code) ?? [];
  const condition = operator && operand ? { operator, operand: Number(operand) } : null;
  return { condition, tokens: readTokens(code) };
}

function readTokens(code: string): Token[] | null {
  const tokens: Token[] = [];
  // Colours, conditions and languages stand in brackets; _x leaves a gap, *x fills the width.
  for (const [piece] of code.matchAll(/"[^"]*"|\\.|[_*].|\[[^\]]*\]|./gsu)) {
    if (/^\[\$[^-\]]/.test(piece)) return null;
    if (piece.startsWith('[') || piece.startsWith('_') || piece.startsWith('*')) continue;
    if (piece.startsWith('"')) tokens.push({ literal: piece.slice(1, -1) });
    else if (piece.startsWith('\\')) tokens.push({ literal: piece.slice(1) });
    else if (piece === '0') tokens.push({ digit: '0' });
    else if (piece === '#' || piece === '?') tokens.push({ digit: '#' });
    else if (/[-() +〒]/u.test(piece)) tokens.push({ literal: piece });
    // A fraction, a thousands separator, a percentage, a currency: the bare number says the same.
    else return null;
  }
  return tokens.some((token) => 'digit' in token) ? tokens : null;
}

function changesDigits(tokens: readonly Token[]): boolean {
  return (
    tokens.some((token) => 'literal' in token) ||
    tokens.filter((token) => 'digit' in token && token.digit === '0').length > 1
  );
}

/**
 * A whole number as a format shows it, such as 0012345 or 001-2345. Null: as it is.
 * @param digits without sign
 */
export function showDigits({ sections }: { sections: Section[] }, digits: string, negative: boolean): string | null {
  const value = Number(digits) * (negative ? -1 : 1);
  const section = sectionFor(sections, value);
  if (!section?.tokens) return null;
  const shown = fill(section.tokens, digits === '0' ? '' : digits);
  // A section of its own for negative numbers shows the sign itself.
  return negative && section === sections[0] ? `-${shown}` : shown;
}

function sectionFor(sections: readonly Section[], value: number): Section | undefined {
  if (sections.some(({ condition }) => condition !== null)) {
    return sections.find(({ condition }) => condition === null || holds(condition, value));
  }
  if (value < 0) return sections[1] ?? sections[0];
  return (value === 0 ? sections[2] : undefined) ?? sections[0];
}

function holds({ operator, operand }: { operator: string; operand: number }, value: number): boolean {
  if (operator === '<>') return value !== operand;
  if (operator.includes('=') && value === operand) return true;
  return operator.startsWith('<') ? value < operand : operator.startsWith('>') && value > operand;
}

/** Digits fill the places from the right; what is left over stands before the first place. */
function fill(tokens: readonly Token[], digits: string): string {
  let left = digits.length;
  let shown = '';
  const first = tokens.findIndex((token) => 'digit' in token);
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i] as Token;
    if ('literal' in token) shown = token.literal + shown;
    else if (left > 0) shown = digits[--left] + shown;
    else if (token.digit === '0') shown = `0${shown}`;
    if (i === first) shown = digits.slice(0, left) + shown;
  }
  return shown;
}
