import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config.ts';
import { readRelay } from '../../../src/delivery/email/relays/relay-setting.ts';

describe('a relay’s URL', () => {
  it('says where it is and how much it takes; what is ours does not reach the library', () => {
    const { options, ...ours } = readRelay(
      'smtp://owabi:p%40ss@Mail.example.jp:2525?weight=3&connections=5&messages=100&socketTimeout=9000&tls.servername=m',
    );
    expect(ours).toEqual({ name: 'mail.example.jp:2525', weight: 3, connections: 5, messages: 100 });
    expect(options).toEqual({
      ...{ secure: false, host: 'mail.example.jp', port: 2525, auth: { user: 'owabi', pass: 'p@ss' } },
      ...{ connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 9000 },
      ...{ requireTLS: true, tls: { servername: 'm' } },
    });
  });

  it('may leave everything out', () => {
    expect(readRelay('smtp://mail.example.jp')).toMatchObject({
      ...{ name: 'mail.example.jp:587', weight: 1, connections: null, messages: 500 },
    });
    expect(readRelay('smtps://mail.example.jp').name).toBe('mail.example.jp:465');
    expect(readRelay('smtp://[::1]:25')).toMatchObject({ name: '[::1]:25', options: { host: '::1' } });
  });

  it.each([
    ['smtp://127.0.0.1:2525', false],
    ['smtps://localhost', false],
    ['smtp://localhost?tls.rejectUnauthorized=true', true],
    ['smtp://mail.example.jp', undefined],
  ])('%s: whether its certificate has to hold (the library’s default: yes)', (url, demanded) => {
    expect(readRelay(url).options.tls?.rejectUnauthorized).toBe(demanded);
  });

  it('may be one that was made for a pool of the library', () => {
    expect(readRelay('smtp://m?pool=true&maxConnections=5').name).toBe('m:587');
  });

  it('never names a user or a password', () => {
    expect(readRelay('smtps://owabi:secret@mail.example.jp').name).toBe('mail.example.jp:465');
    const wrong = ['smtp://owabi:sec?ret@mail.example.jp', 'smtp://owabi:42?secret@mail.example.jp', 'smtp://secret@a'];
    for (const url of wrong) {
      expect(() => readRelay(url)).toThrow(/^SMTP_URL.*\.$/);
      expect(() => readRelay(url)).not.toThrow(/sec|ret/);
    }
  });

  it.each([
    ['smtp://mail.example.jp', true],
    ['smtp://10.0.0.1:25', true],
    ['smtp://localhost.example.jp', true],
    ['smtp://127.0.0.1.example.jp', true],
    ['smtp://mail.example.jp?ignoreTLS=true', false],
    ['smtp://mail.example.jp?requireTLS=false', false],
    ['smtp://localhost:25', false],
    ['smtp://127.0.0.1:25', false],
    ['smtp://[::1]:25', false],
    ['smtp://localhost?requireTLS=true', true],
    // Encrypted from the first byte: there is no STARTTLS to demand.
    ['smtps://mail.example.jp', false],
  ])('%s demands STARTTLS: %s', (url, demanded) => {
    expect(readRelay(url).options.requireTLS).toBe(demanded);
  });

  it.each([
    ['http://mail.example.jp', 'SMTP_URL must be a URL that begins with smtp:// or smtps://.'],
    ['mail.example.jp', 'SMTP_URL must be a URL that begins with smtp:// or smtps://.'],
    ['smtp://', 'SMTP_URL must be a URL that begins with smtp:// or smtps://.'],
    ['smtp://m?weight=0', 'SMTP_URL: m:587 needs a whole number from 1 to 1000 for weight.'],
    ['smtp://m?weight=1.5', 'SMTP_URL: m:587 needs a whole number from 1 to 1000 for weight.'],
    ['smtp://m?weight=', 'SMTP_URL: m:587 needs a whole number from 1 to 1000 for weight.'],
    ['smtp://m?connections=101', 'SMTP_URL: m:587 needs a whole number from 1 to 100 for connections.'],
    ['smtp://m?messages=none', 'SMTP_URL: m:587 needs a whole number from 1 to 1000000 for messages.'],
    ['smtp://m?requireTLS=flase', 'SMTP_URL: m:587 needs true or false for requireTLS.'],
    ['smtp://m?socketTimeout=1m', 'SMTP_URL: m:587 needs a number of milliseconds for socketTimeout.'],
    ['smtp://m?weight=1&weight=2', 'SMTP_URL: m:587 has weight twice.'],
    ['smtp://user@m', 'SMTP_URL: m:587 needs a user and a password, or neither of them.'],
  ])('%s is refused with a sentence', (url, sentence) => {
    expect(() => readRelay(url)).toThrow(new Error(sentence));
  });

  it('that is misspelt does not pass unseen, nor can it turn on the log of messages', () => {
    for (const slip of ['wieght=3', 'ignoretls=true', 'logger=true', 'debug=true', 'lmtp=true', 'service=Gmail']) {
      expect(() => readRelay(`smtp://m?${slip}`), slip).toThrow(/^SMTP_URL: m:587 has a parameter that is not known/);
    }
  });
});

describe('SMTP_URL', () => {
  const settings = { MAIL_FROM: 'notice@example.jp', BOUNCE_DOMAIN: 'b.example.jp', PUBLIC_URL: 'https://example.jp' };
  const start = (SMTP_URL: string) => () => readConfig({ ...settings, SMTP_URL });

  it('with a wrong relay among several stops the start with every sentence', () => {
    const problems = [
      'SMTP_URL: b:587 needs a whole number from 1 to 1000 for weight.',
      'SMTP_URL names a:587 twice: give it a larger weight instead.',
    ];
    expect(start('smtp://a smtp://b?weight=x smtp://A:587')).toThrow(new ConfigError(problems));
    expect(start('smtp://a?weight=2 smtp://b')).not.toThrow();
  });
});
