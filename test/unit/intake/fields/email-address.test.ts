import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEmail, readEmails } from '../../../../src/intake/fields/email-address.ts';

const many = (cell: string) => {
  const [found, warnings]: [string[], string[]] = [[], []];
  readEmails(cell, found, warnings);
  return { found, warnings };
};

describe('reading an email address', () => {
  it.each([
    ['taro@example.jp', 'taro@example.jp'],
    ['Taro@Example.JP', 'Taro@example.jp'],
    [' Ｔａｒｏ＠Ｅｘａｍｐｌｅ．ｊｐ ', 'Taro@example.jp'],
    ['<taro@example.jp>', 'taro@example.jp'],
    ['山田 <a@example.jp>', 'a@example.jp'],
    ['"山田, 太郎" <a@example.jp>', 'a@example.jp'],
    ['mailto:a@example.jp?subject=x', 'a@example.jp'],
    ['a@example.jp。', 'a@example.jp'],
    ['a@example.jp.', 'a@example.jp'],
    ['a@example.jp (自宅)', 'a@example.jp'],
    ["'a@example.jp'", 'a@example.jp'],
    ["o'brien@example.jp", "o'brien@example.jp"],
    ['a\u200B@example.jp', 'a@example.jp'],
    ['a+b@日本語.example', 'a+b@xn--wgv71a119e.example'],
    ['a@straße.example', 'a@xn--strae-oqa.example'],
    [`${'a'.repeat(64)}@example.jp`, `${'a'.repeat(64)}@example.jp`],
  ])('reads %j', (cell, address) => {
    expect(readEmail(cell)?.address).toBe(address);
  });

  it.each([
    'taro..x@example.jp',
    '.taro@example.jp',
    'taro@',
    'taro@localhost',
    'taro@mail.local',
    'taro@example.invalid',
    'taro@10.0.0.1',
    'taro@[10.0.0.1]',
    'taro@ex_ample.jp',
    'taro@-example.jp',
    'ta ro@example.jp',
    'taro@exa mple.jp',
    '"ta ro"@example.jp',
    '太郎@example.jp',
    `${'a'.repeat(65)}@example.jp`,
    `a@${'a.'.repeat(126)}jp`,
    `a@${'b'.repeat(64)}.jp`,
    'taro@example.jp\r\nBcc: x@example.jp',
    `${'('.repeat(5000)}a@example.jp`,
  ])('does not read %j', (cell) => {
    expect(readEmail(cell)).toBeNull();
  });

  it('takes the irregular addresses of Japanese carriers for their domains only, and says so', () => {
    for (const domain of ['docomo.ne.jp', 'ezweb.ne.jp', 't.vodafone.ne.jp']) {
      expect(readEmail(`.taro..x.@${domain}`)).toMatchObject({ nonstandardLocal: true });
    }
    expect(readEmail('taro..x@gmail.com')).toBeNull();
    // In quotation marks such dots are legal anywhere.
    expect(readEmail('"taro..x"@example.jp')).toMatchObject({ address: 'taro..x@example.jp', nonstandardLocal: true });
    expect(many('taro.@docomo.ne.jp').warnings).toEqual(['nonstandard_local']);
  });

  it.each(
    'gmial.com gamil.com gmail.co gmail.con gmaill.com gmail.co.jp yahoo.co.jo yaho.co.jp yahoo.ne.jp docomo.ne.jo docmo.ne.jp ezweb.ne.jo softbank.ne.jo i.softbank.jo i.softbank.ne.jp hotmial.com outlook.con icloud.con'.split(
      ' ',
    ),
  )('takes %s, and warns that it is most likely a slip', (domain) => {
    expect(many(`taro@${domain}`)).toEqual({ found: [`taro@${domain}`], warnings: ['email_domain_typo'] });
  });

  it.each(
    'gmail.com yahoo.co.jp yahoo.com ymail.com mail.com email.com gmx.com odn.ne.jp ocn.ne.jp i.softbank.jp au.com example.jp'.split(
      ' ',
    ),
  )('does not warn of %s', (domain) => {
    expect(many(`taro@${domain}`).warnings).toEqual([]);
  });
});

describe('reading a cell with several addresses', () => {
  it.each([
    'a@example.jp;b@example.jp',
    'a@example.jp, b@example.jp',
    'a@example.jp b@example.jp',
    'a@example.jp　b@example.jp',
    'a@example.jp\nb@example.jp',
    'a@example.jp、b@example.jp',
    '山田 <a@example.jp>, "佐藤, 花" <b@example.jp>',
    'a@example.jp; b@example.jp; A@EXAMPLE.jp',
  ])('reads all of %j once', (cell) => {
    expect(many(cell)).toEqual({ found: ['a@example.jp', 'b@example.jp'], warnings: [] });
  });

  it('uses nothing of a cell in which a piece may be half an address', () => {
    for (const cell of ['ta,ro@example.jp', 'ta ro@example.jp', 'a@example,jp', 'taro@example.jp, jiro']) {
      expect(many(cell)).toEqual({ found: [], warnings: ['bad_email'] });
    }
  });

  it('uses what is whole beside what is not, and warns', () => {
    expect(many('a@example.jp; b@example')).toEqual({ found: ['a@example.jp'], warnings: ['bad_email'] });
  });

  it('takes a word for "nothing" for an empty cell', () => {
    for (const cell of ['', 'なし', '-', 'N/A', '不明']) expect(many(cell)).toEqual({ found: [], warnings: [] });
  });

  it('gives only addresses that read the same again, whatever a cell holds', () => {
    const piece = fc.constantFrom('a', '@', '.', 'example', '.jp', ' ', ',', '<', '>', '"', '＠', '日', 'docomo.ne.jp');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        for (const address of many(pieces.join('')).found) {
          const quoted = `"${address.slice(0, address.lastIndexOf('@'))}"${address.slice(address.lastIndexOf('@'))}`;
          expect((readEmail(address) ?? readEmail(quoted))?.address).toBe(address);
        }
      }),
    );
  });
});
