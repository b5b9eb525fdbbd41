import { type Alert, describeAlert } from './alert.ts';

/** Where alerts are posted, and what signs them. */
export interface Webhook {
  url: string;
  sign(id: string, unixSeconds: number, body: string): string;
}

/**
 * Posts an alert, signed by the Standard Webhooks scheme (standardwebhooks.com). Redirects are not followed: the alert
 * is for the address that was set.
 * @param id the same on every try: whoever gets it twice can tell by it
 * @throws Error with a `code` when no 2xx came before `signal`
 */
export async function postAlert({ url, sign }: Webhook, alert: Alert, id: string, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({
    ...{ type: alert.kind, id: alert.id, raisedAt: alert.raisedAt, endedAt: alert.endedAt },
    ...{ subject: alert.subject, detail: alert.detail, message: describeAlert(alert).message },
  });
  const unixSeconds = Math.floor(Date.now() / 1000);
  const response = await fetch(url, {
    ...{ method: 'POST', body, redirect: 'manual', signal },
    headers: {
      ...{ 'content-type': 'application/json', 'user-agent': 'Owabi' },
      ...{ 'webhook-id': id, 'webhook-timestamp': String(unixSeconds) },
      'webhook-signature': sign(id, unixSeconds, body),
    },
  });
  await response.body?.cancel();
  if (!response.ok) throw Object.assign(new Error('the webhook did not take it'), { code: `http_${response.status}` });
}
