import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readReportSetting } from '../../../src/tracking/report-setting.ts';

const spki = (type: 'ec' | 'rsa'): string => {
  const { publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
};
const read = (given: Record<string, string>) => {
  const problems: string[] = [];
  return { setting: readReportSetting((name) => given[name] ?? null, problems), problems };
};

describe('the settings of the ways by which reports come in', () => {
  it('open nothing when they are absent', () => {
    expect(read({})).toEqual({
      setting: {
        ...{ listen: null, tlsIdentity: null, imapUrl: null, sesTopicArns: [] },
        ...{ sendgridKey: null, mailgunKey: null, postmarkLogin: null },
      },
      problems: [],
    });
  });

  it('are read', () => {
    const topics = ['arn:aws:sns:ap-northeast-1:123456789012:bounces', 'arn:aws:sns:us-east-1:123456789012:x'];
    const { setting, problems } = read({
      BOUNCE_LISTEN: '[::1]:2525',
      BOUNCE_TLS_IDENTITY: '/etc/owabi/mx.pem',
      SES_TOPIC_ARNS: topics.join(' '),
      SENDGRID_WEBHOOK_KEY: spki('ec'),
      POSTMARK_WEBHOOK_LOGIN: 'owabi:with:colons:in-it',
    });
    expect(problems).toEqual([]);
    expect(setting).toMatchObject({
      ...{ listen: { host: '::1', port: 2525 }, tlsIdentity: '/etc/owabi/mx.pem', sesTopicArns: topics },
      postmarkLogin: { user: 'owabi', password: 'with:colons:in-it' },
    });
  });

  it.each([
    ['BOUNCE_LISTEN', '2525'],
    ['BOUNCE_LISTEN', '0.0.0.0:70000'],
    ['BOUNCE_TLS_IDENTITY', '/etc/owabi/mx.pem'],
    ['BOUNCE_IMAP_URL', 'https://mail.example.jp'],
    ['SES_TOPIC_ARNS', 'bounces'],
    ['SENDGRID_WEBHOOK_KEY', 'not a key'],
    ['SENDGRID_WEBHOOK_KEY', spki('rsa')],
    ['POSTMARK_WEBHOOK_LOGIN', 'owabi:short'],
  ])('%s as it is here stops the start with one sentence that names it', (name, value) => {
    const { problems } = read({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toMatch(/\.$/);
  });
});
