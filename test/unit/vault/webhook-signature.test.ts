import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { webhookSigner } from '../../../src/vault/webhook-signature.ts';

describe('the signature of a webhook', () => {
  it('is that of the example which the libraries of Standard Webhooks are tested with', () => {
    const sign = webhookSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('takes a secret without the prefix as the bytes that it is, and signs id, time and body', () => {
    const secret = '合言葉 of the operators';
    const of = (text: string) => `v1,${createHmac('sha256', secret).update(text, 'utf8').digest('base64')}`;
    expect(webhookSigner(secret)('a', 5, '{"x":"詫"}')).toBe(of('a.5.{"x":"詫"}'));
  });
});
