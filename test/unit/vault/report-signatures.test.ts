import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseSnsMessage, signedText } from '../../../src/tracking/webhooks/sns-message.ts';
import {
  loginVerifier,
  mailgunVerifier,
  readSnsCertificate,
  sendgridVerifier,
} from '../../../src/vault/report-signatures.ts';
import { mailgunPost, makeSendgrid, makeSns } from '../../support/provider-posts.ts';

describe('the signature of SendGrid', () => {
  const sendgrid = makeSendgrid();
  const { body, headers } = sendgrid.post([{ event: 'bounce' }]);
  const signature = headers['x-twilio-email-event-webhook-signature'] ?? '';
  const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? '';
  const isSigned = sendgridVerifier(sendgrid.publicKey);

  it('is over the time and the body, byte for byte', () => {
    expect(isSigned(timestamp, Buffer.from(body), signature)).toBe(true);
    expect(isSigned(timestamp, Buffer.from(body.trim()), signature)).toBe(false);
    expect(isSigned(`${timestamp}0`, Buffer.from(body), signature)).toBe(false);
  });

  it('is refused from another key, and when it is none', () => {
    expect(sendgridVerifier(makeSendgrid().publicKey)(timestamp, Buffer.from(body), signature)).toBe(false);
    for (const none of ['', 'x', 'AAAA', '!!']) expect(isSigned(timestamp, Buffer.from(body), none)).toBe(false);
  });
});

describe('the signature of Mailgun', () => {
  const { timestamp, token, signature } = JSON.parse(mailgunPost('key-1', {}).body).signature;

  it('is over the time and the token', () => {
    const isSigned = mailgunVerifier('key-1');
    expect(isSigned(timestamp, token, signature)).toBe(true);
    expect(isSigned(timestamp, `${token}x`, signature)).toBe(false);
    expect(mailgunVerifier('key-2')(timestamp, token, signature)).toBe(false);
    for (const none of ['', 'zz', signature.slice(2), `${signature}00`]) {
      expect(isSigned(timestamp, token, none), none).toBe(false);
    }
  });
});

describe('the login of Postmark', () => {
  it('is a Basic header with this user and password', () => {
    const isLogin = loginVerifier({ user: 'postmark', password: 'a:long:password' });
    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;
    expect(isLogin(basic('postmark:a:long:password'))).toBe(true);
    for (const login of ['postmark:', 'postmark:a:long:passwor', 'x:a:long:password', '']) {
      expect(isLogin(basic(login)), login).toBe(false);
    }
    for (const header of ['', 'Basic', 'Bearer postmark:a:long:password']) expect(isLogin(header)).toBe(false);
  });
});

describe('the certificate of Amazon SNS', () => {
  const signed = (post: { body: string }) => {
    const message = parseSnsMessage(Buffer.from(post.body));
    if (!message) throw new Error('no message');
    return [message.signatureVersion, signedText(message), message.signature] as const;
  };

  it('verifies both versions of signatures, and no other', async () => {
    const sns = await makeSns();
    const certificate = readSnsCertificate(sns.pem);
    expect(certificate?.verify(...signed(sns.post({}, '1')))).toBe(true);
    expect(certificate?.verify(...signed(sns.post({ Subject: 's' }, '2')))).toBe(true);
    const [, text, signature] = signed(sns.post({}, '1'));
    for (const version of ['2', '3', '']) expect(certificate?.verify(version, text, signature), version).toBe(false);
    expect(certificate?.verify('1', `${text} `, signature)).toBe(false);
  });

  it('is valid for its time alone', async () => {
    const certificate = readSnsCertificate((await makeSns({ from: -2, until: 2 })).pem);
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000);
    expect([-3, 0, 3].map((days) => certificate?.isValidAt(inDays(days)))).toEqual([false, true, false]);
  });

  it.each([
    'sns.us-east-1.amazonaws.com',
    'sns-cn-north-1.amazonaws.com.cn',
    'sns-us-gov-west-1.amazonaws.com',
    'sns-signing.me-south-1.amazonaws.com',
  ])('may be called %s', async (name) => {
    expect(readSnsCertificate((await makeSns({ name })).pem)).not.toBeNull();
  });

  it.each(['evil.example', 'sns.amazonaws.com.evil.example', 'sns.evil.amazonaws.com', 'xsns.amazonaws.com'])(
    'is none when it is called %s',
    async (name) => {
      expect(readSnsCertificate((await makeSns({ name })).pem)).toBeNull();
    },
  );

  it('is none when it is that of an authority', async () => {
    expect(readSnsCertificate((await makeSns({ isAuthority: true })).pem)).toBeNull();
  });

  it('is none when its key is weak, or when it is no certificate', async () => {
    expect(readSnsCertificate((await makeSns({ bits: 1024 })).pem)).toBeNull();
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const pem of ['', 'x', publicKey.export({ type: 'spki', format: 'pem' }).toString()]) {
      expect(readSnsCertificate(pem)).toBeNull();
    }
  });
});
