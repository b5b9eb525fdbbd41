import { describe, expect, it } from 'vitest';
import { domainOf, parseCommand, parsePath } from '../../src/catcher/smtp-lines.ts';

describe('reading an address from MAIL or RCPT', () => {
  const readable: [string, string][] = [
    ['TO:<taro@example.jp>', 'taro@example.jp'],
    ['to: <taro@example.jp>', 'taro@example.jp'],
    ['TO:<"taro..yamada"@example.jp>', 'taro..yamada@example.jp'],
    ['TO:<"hanako."@example.jp>', 'hanako.@example.jp'],
    ['TO:<taro..yamada@example.jp>', 'taro..yamada@example.jp'],
    ['TO:<.-taro.@example.jp>', '.-taro.@example.jp'],
    ['TO:<"a b"@example.jp>', '"a b"@example.jp'],
    ['TO:<"a@b"@example.jp>', '"a@b"@example.jp'],
    ['TO:<"a\\"b"@example.jp>', '"a\\"b"@example.jp'],
    ['TO:<@relay.example:taro@example.jp>', 'taro@example.jp'],
    ['TO:<太郎@例え.example>', '太郎@例え.example'],
  ];
  it.each(readable)('takes %s as %s', (line, address) => {
    expect(parsePath(line, 'TO')?.address).toBe(address);
  });

  it.each([
    'TO:taro@example.jp',
    'TO:<taro>',
    'TO:<taro@>',
    'TO:<@example.jp>',
    'TO:<a b@example.jp>',
    'FROM:<a@b.jp>',
  ])('refuses %s', (line) => {
    expect(parsePath(line, 'TO')).toBeUndefined();
  });

  it('takes the null sender and the parameters', () => {
    const path = parsePath('FROM:<> SIZE=1000 body=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ', 'FROM');
    expect(path?.address).toBe('');
    expect(path?.params.get('SIZE')).toBe('1000');
    expect(path?.params.get('BODY')).toBe('8BITMIME');
    expect(path?.params.has('SMTPUTF8')).toBe(true);
  });
});

it('finds the domain behind the last @', () => {
  expect(domainOf('"a@b"@Example.JP')).toBe('example.jp');
  expect(domainOf('')).toBe('');
});

it('reads a verb in any case', () => {
  expect(parseCommand('mail FROM:<>')).toEqual({ verb: 'MAIL', rest: 'FROM:<>' });
  expect(parseCommand('QUIT')).toEqual({ verb: 'QUIT', rest: '' });
});
