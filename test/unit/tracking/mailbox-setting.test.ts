import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config.ts';
import { readMailboxSetting } from '../../../src/tracking/mailbox/mailbox-setting.ts';

describe('BOUNCE_IMAP_URL', () => {
  it('says where the mailbox is, and by its name nothing of the account', () => {
    expect(readMailboxSetting('imaps://bounces%40example.jp:se%3Acr%25et@Mail.Example.jp/INBOX')).toEqual({
      ...{ name: 'mail.example.jp:993', host: 'mail.example.jp', port: 993, secure: true, isLoopback: false },
      ...{ user: 'bounces@example.jp', password: 'se:cr%et' },
      ...{ folder: 'INBOX', processed: 'Owabi processed', tooLarge: 'Owabi too large' },
    });
  });

  it('names other folders, in any script', () => {
    const url = 'imap://u:p@mail.example.jp:1143/%E6%88%BB%E3%82%8A?processed=%E6%B8%88&tooLarge=Big+ones';
    expect(readMailboxSetting(url)).toMatchObject({
      ...{ name: 'mail.example.jp:1143', secure: false },
      ...{ folder: '戻り', processed: '済', tooLarge: 'Big ones' },
    });
    expect(readMailboxSetting('imap://u:p@mail.example.jp')).toMatchObject({ port: 143, folder: 'INBOX' });
  });

  it.each(['localhost', '127.0.0.1', '127.8.8.8', '[::1]', 'LOCALHOST'])('knows %s as this machine', (host) => {
    expect(readMailboxSetting(`imap://u:p@${host}/`).isLoopback).toBe(true);
  });

  it.each(['localhost.example.jp', '127.0.0.1.example.jp', '10.0.0.1', '[::2]'])('and %s as another', (host) => {
    expect(readMailboxSetting(`imap://u:p@${host}/`).isLoopback).toBe(false);
  });

  it.each([
    ['another protocol', 'https://u:geheim12@mail.example.jp/'],
    ['no host', 'imaps://u:geheim12@/INBOX'],
    ['no user', 'imaps://:geheim12@mail.example.jp/'],
    ['no password', 'imaps://geheim12@mail.example.jp/'],
    ['half a password as a parameter', 'imaps://u:p@mail.example.jp/INBOX?geheim12'],
    ['half a password as a fragment', 'imaps://u:p@mail.example.jp/INBOX#geheim12'],
    ['a bare % in the password', 'imaps://u:geheim12%zz@mail.example.jp/'],
    ['the same folder twice', 'imaps://u:geheim12@mail.example.jp/Bounces?processed=bounces'],
    ['the same folder for large mail', 'imaps://u:geheim12@mail.example.jp/?tooLarge=inbox'],
    ['nonsense', 'geheim12'],
  ])('with %s stops the start with a sentence that does not hold the password', (_what, url) => {
    const start = () => readConfig({ BOUNCE_IMAP_URL: url });
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(/BOUNCE_IMAP_URL/);
    expect(start).not.toThrow(/geheim12/);
  });
});
