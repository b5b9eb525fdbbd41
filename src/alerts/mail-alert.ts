import { createTransport } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import { addressIn, domainOf } from '../delivery/email/addresses.ts';
import { readRelay } from '../delivery/email/relays/relay-setting.ts';
import { signMessage } from '../delivery/email/sign-message.ts';
import type { Sender } from '../delivery/email/write-message.ts';
import { type Alert, describeAlert } from './alert.ts';

/** To whom alerts are sent, in whose name, and by which relays: `tries` goes through them in turn. */
export interface AlertMail {
  to: string[];
  sender: Sender;
  relays: string[];
}

const STEP_TIMEOUT_MS = 10_000;

/**
 * Sends an alert to the operators by email, over a connection of its own.
 * @param id the same on every try, for the Message-ID
 * @returns how many of the operators' addresses the relay refused while it took others
 * @throws Error with a `code` or a `responseCode` when the relay does not take it for anybody, or `signal` fires
 */
export async function mailAlert(
  { to, sender, relays }: AlertMail,
  alert: Alert,
  { id, tries, signal }: { id: string; tries: number; signal: AbortSignal },
): Promise<number> {
  const { title, message } = describeAlert(alert);
  const from = addressIn(sender.from);
  const date = new Date();
  const composer = new MailComposer({
    ...{ from: sender.from, to, subject: `[Owabi] ${title}`, text: `${message}\n`, date },
    ...{ messageId: `<${id}@${domainOf(from)}>`, newline: '\r\n' },
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' },
  });
  const composed = await composer.compile().build();
  const raw = Buffer.concat(await signMessage([composed], sender, date));
  const transport = createTransport({
    ...readRelay(relays[(tries - 1) % relays.length] ?? '').options,
    ...{ connectionTimeout: STEP_TIMEOUT_MS, greetingTimeout: STEP_TIMEOUT_MS, socketTimeout: STEP_TIMEOUT_MS },
  });
  try {
    // A relay that answers byte by byte never times out by itself, and a service that stops does not wait for it.
    const { rejected } = await Promise.race([transport.sendMail({ envelope: { from, to }, raw }), whenFired(signal)]);
    return rejected?.length ?? 0;
  } finally {
    transport.close();
  }
}

function whenFired(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fire = (): void => reject(signal.reason);
    if (signal.aborted) fire();
    else signal.addEventListener('abort', fire, { once: true });
  });
}
