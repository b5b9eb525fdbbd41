import { describe, expect, it } from 'vitest';
import { addressee } from '../../../src/rendering/addressee.ts';

const nobody = { honorific: null, company: null };

describe('addressee', () => {
  it.each([
    [{ ...nobody, name: '見本 花子' }, '見本 花子 様'],
    [{ ...nobody, name: '見本 花子', honorific: '殿' }, '見本 花子 殿'],
    [{ ...nobody, name: '見本 花子様' }, '見本 花子様'],
    [{ ...nobody, name: '株式会社見本' }, '株式会社見本 御中'],
    [{ ...nobody, name: '', company: '株式会社見本' }, '株式会社見本 御中'],
    [{ name: '見本 花子', honorific: null, company: '株式会社見本' }, '見本 花子 様'],
    [{ ...nobody, name: 'John Sample', honorific: 'Dr' }, 'Dr John Sample'],
    [{ ...nobody, name: '見本商事㈱' }, '見本商事㈱ 御中'],
    [{ ...nobody, name: '㈲見本' }, '㈲見本 御中'],
    [{ ...nobody, name: '見本大学' }, '見本大学 御中'],
    [{ ...nobody, name: '見本市役所' }, '見本市役所 御中'],
    [{ ...nobody, name: '医療法人社団見本会 見本病院' }, '医療法人社団見本会 見本病院 御中'],
    [{ ...nobody, name: '株式会社見本 代表取締役 見本太郎' }, '株式会社見本 代表取締役 見本太郎 様'],
    [{ ...nobody, name: '見本商事㈱代表取締役見本太郎' }, '見本商事㈱代表取締役見本太郎 様'],
    [{ ...nobody, name: '見本大学 見本太郎' }, '見本大学 見本太郎 様'],
  ])('writes %j in Japanese as %s', (person, expected) => {
    expect(addressee('ja', person)).toBe(expected);
  });

  it.each([
    [{ ...nobody, name: 'Jane Sample' }, 'Jane Sample'],
    [{ ...nobody, name: 'Jane Sample', honorific: 'Ms' }, 'Ms Jane Sample'],
    [{ ...nobody, name: 'Jane Sample', honorific: '様' }, 'Jane Sample'],
    [{ ...nobody, name: '', company: 'Sample Inc.' }, 'Sample Inc.'],
  ])('writes %j in English as %s', (person, expected) => {
    expect(addressee('en', person)).toBe(expected);
  });
});
