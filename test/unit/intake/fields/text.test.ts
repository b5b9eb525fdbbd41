import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  controlIn,
  hasBlot,
  hasPrivateUse,
  isEastAsian,
  isPlain,
  narrow,
  nfkc,
  oneLine,
  saysNothing,
  withoutControl,
} from '../../../../src/intake/fields/text.ts';

const anything = fc.string({ unit: 'binary', maxLength: 30 });
const usual = fc.string({
  unit: fc.constantFrom(...'山田ー、。々がガヶ゛\u3099aA1- 　１ａｱﾞ①〓\uE000\u0301'),
  maxLength: 12,
});
const texts = fc.oneof(anything, usual);

describe('cheap questions about text', () => {
  it('calls plain only what the compatibility form leaves as it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        if (isPlain(text)) expect(text.normalize('NFKC')).toBe(text);
        expect(nfkc(text)).toBe(text.normalize('NFKC'));
      }),
      { numRuns: 1000 },
    );
    expect(isPlain('東京都港区芝公園1-2-3 メゾンの丘、佐々木')).toBe(true);
  });

  it('narrows full-width ASCII and nothing else', () => {
    expect(narrow('Ａ１＠．　ー①山')).toBe('A1@. ー①山');
  });

  it('finds control characters, and leaves out those that are no blanks', () => {
    expect(controlIn('山田 太郎')).toBe('none');
    expect(controlIn('a\tb\r\n')).toBe('break');
    expect(controlIn('a\n\0')).toBe('control');
    fc.assert(fc.property(texts, (text) => controlIn(withoutControl(text)) !== 'control'));
    expect(withoutControl('a\0\u0085b\tc')).toBe('ab\tc');
  });

  it('makes one line of many', () => {
    expect(oneLine(' 東京都港区芝1-2\r\n 見本荘\t101 \n')).toBe('東京都港区芝1-2 見本荘 101');
  });

  it('finds lost characters and those of private fonts', () => {
    for (const blot of '?？〓■□●\uFFFD') expect(hasBlot(`山${blot}田`)).toBe(true);
    expect(hasBlot('山田　ヶ々〆ー･ｱ！')).toBe(false);
    expect(hasPrivateUse('山\uE000')).toBe(true);
    expect(hasPrivateUse('\u{F0000}')).toBe(true);
    expect(hasPrivateUse('𠮷田')).toBe(false);
  });

  it('tells scripts in which the family name comes first', () => {
    for (const text of ['山', 'あ', 'ｱ', '々', '김', '𠮷', '\uFA10']) expect(isEastAsian(text)).toBe(true);
    for (const text of ['', 'Smith', 'Müller', 'Иванов', '123']) expect(isEastAsian(text)).toBe(false);
  });

  it('knows the words for nothing', () => {
    for (const cell of ['なし', '-', 'N/A', '不明']) expect(saysNothing(cell)).toBe(true);
    expect(saysNothing('梨田')).toBe(false);
  });
});
