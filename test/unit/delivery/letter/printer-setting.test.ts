import { describe, expect, it } from 'vitest';
import { readPrinterSetting } from '../../../../src/delivery/letter/printer/printer-setting.ts';

const HOST_KEY = `SHA256:${'a'.repeat(43)}`;
const AGE = `age1${'q'.repeat(58)}`;
const whole = {
  ...{ PRINTER_SFTP_URL: 'sftp://owabi@print.example.jp:2222/in/letters/', PRINTER_SFTP_KEY: '/etc/owabi/printer' },
  ...{ PRINTER_SFTP_HOST_KEY: HOST_KEY, PRINTER_AGE_RECIPIENT: AGE },
};
const read = (settings: Record<string, string>) => {
  const problems: string[] = [];
  return { ...readPrinterSetting((name) => settings[name] ?? null, problems), problems };
};

describe('the settings of the printer', () => {
  it('say where bundles go, with which key, to which server, and for whom they are encrypted', () => {
    expect(read(whole)).toEqual({
      ageRecipient: AGE,
      sftp: {
        ...{ host: 'print.example.jp', port: 2222, user: 'owabi', folder: '/in/letters' },
        ...{ keyPath: '/etc/owabi/printer', hostKey: 'a'.repeat(43) },
      },
      problems: [],
    });
    expect(read({})).toEqual({ ageRecipient: null, sftp: null, problems: [] });
    expect(read({ ...whole, PRINTER_SFTP_URL: 'sftp://owabi@print.example.jp' }).sftp).toMatchObject({
      port: 22,
      folder: '',
    });
  });

  it.each([
    ['PRINTER_SFTP_URL', 'https://owabi@print.example.jp/'],
    ['PRINTER_SFTP_URL', 'sftp://print.example.jp/'],
    ['PRINTER_SFTP_URL', 'sftp://owabi:secret@print.example.jp/'],
    ['PRINTER_SFTP_KEY', ''],
    ['PRINTER_SFTP_HOST_KEY', ''],
    ['PRINTER_SFTP_HOST_KEY', 'MD5:16:27:ac'],
    ['PRINTER_AGE_RECIPIENT', 'AGE-SECRET-KEY-1QQQQ'],
  ])('are refused with a sentence: %s %s', (name, value) => {
    const settings: Record<string, string> = { ...whole, [name]: value };
    if (value === '') delete settings[name];
    const { problems } = read(settings);
    expect(problems).toEqual([expect.stringContaining(name)]);
    if (value !== '') expect(problems.join()).not.toContain('secret');
  });
});
