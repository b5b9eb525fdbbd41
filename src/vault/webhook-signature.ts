import { createHmac } from 'node:crypto';

/**
 * Makes the signature of a webhook's message by the Standard Webhooks scheme (standardwebhooks.com, "Signature scheme"):
 * `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
 * @param secret `whsec_` and base64 of the key, or any text, of which the bytes are the key
 */
export function webhookSigner(secret: string): (id: string, unixSeconds: number, body: string) => string {
  const PREFIX = 'whsec_';
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
  return (id, unixSeconds, body) =>
    `v1,${createHmac('sha256', key).update(`${id}.${unixSeconds}.${body}`).digest('base64')}`;
}
