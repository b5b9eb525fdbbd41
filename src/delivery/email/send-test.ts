import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { OwabiError } from '../../errors.ts';
import type { RenderedEmail } from '../../rendering/types.ts';
import { addressIn, domainOf } from './addresses.ts';
import { compose } from './compose-message.ts';
import { readRelay } from './relays/relay-setting.ts';
import { signMessage } from './sign-message.ts';
import type { Sender } from './write-message.ts';

const TEST_MARK = '[TEST / テスト] ';

/**
 * Sends a rendering for a sample person to an address of the operator's, marked as a test, outside every figure.
 * @throws OwabiError `relay_failed` when the relay does not take it
 */
export async function sendTest(
  relay: string,
  sender: Sender,
  to: string,
  { email, locale }: { email: RenderedEmail; locale: string },
): Promise<void> {
  const transport = createTransport(readRelay(relay).options);
  const domain = domainOf(addressIn(sender.from));
  const marked = { ...email, subject: `${TEST_MARK}${email.subject}` };
  const date = new Date();
  // As a real one, but for the mark: what arrives is what recipients will see, its signatures included.
  const composed = await compose({ from: sender.from, feedbackId: `test:notice:${domain}` }, locale, {
    ...{ to, date, messageId: `<${randomUUID()}@${domain}>`, email: marked },
  });
  try {
    const raw = Buffer.concat(await signMessage([composed], sender, date));
    await transport.sendMail({ envelope: { from: addressIn(sender.from), to: [to] }, raw });
  } catch (error) {
    const code = (error as { responseCode?: number }).responseCode;
    throw new OwabiError('relay_failed', `The relay did not take the test mail (${code ?? 'no reply'}).`);
  } finally {
    transport.close();
  }
}
