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
      drop: {
        way: 'sftp',
        ...{ host: 'print.example.jp', port: 2222, user: 'owabi', folder: '/in/letters' },
        ...{ keyPath: '/etc/owabi/printer', hostKey: 'a'.repeat(43) },
      },
      problems: [],
    });
    expect(read({})).toEqual({ ageRecipient: null, drop: null, problems: [] });
    expect(read({ ...whole, PRINTER_SFTP_URL: 'sftp://owabi@print.example.jp' }).drop).toMatchObject({
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

  it('say which bucket bundles go into, as an alternative', () => {
    const url = 's3://key:Secret@letters/in?region=ap-northeast-1';
    expect(read({ PRINTER_S3_URL: url })).toMatchObject({
      ...{ drop: { way: 's3', bucket: 'letters', prefix: 'in/' }, problems: [] },
    });
    expect(read({ ...whole, PRINTER_S3_URL: url }).problems).toEqual([expect.stringContaining('set one of them')]);
    expect(read({ PRINTER_S3_URL: 's3://letters' }).problems).toEqual([expect.stringMatching(/^PRINTER_S3_URL /)]);
  });

  it('let nothing that is not encrypted go over a network in the clear', () => {
    const at = (endpoint: string) => `s3://key:Secret@letters/in?endpoint=${endpoint}`;
    const { drop, problems } = read({ PRINTER_S3_URL: at('http://minio:9000') });
    expect([drop, problems]).toEqual([null, [expect.stringContaining('https://')]]);
    for (const endpoint of ['https://minio:9000', 'http://127.0.0.1:9000', 'http://localhost:9000']) {
      expect(read({ PRINTER_S3_URL: at(endpoint) }).problems, endpoint).toEqual([]);
    }
    expect(read({ PRINTER_S3_URL: at('http://minio:9000'), PRINTER_AGE_RECIPIENT: AGE }).problems).toEqual([]);
  });
});
