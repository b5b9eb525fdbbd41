import { createTransport } from 'nodemailer';
import { OwabiError } from '../../errors.ts';
import type { RenderedEmail } from '../../rendering/types.ts';
import { relayOptions } from './relay-pool.ts';
import type { Sender } from './write-message.ts';

const TEST_MARK = '[TEST / テスト] ';

/**
 * Sends a rendering for a sample person to an address of the operator's, marked as a test, outside every figure.
 * @throws OwabiError `relay_failed` when the relay does not take it
 */
export async function sendTest(relay: string, sender: Sender, to: string, email: RenderedEmail): Promise<void> {
  const transport = createTransport(relayOptions(relay));
  try {
    await transport.sendMail({
      ...{ from: sender.from, to, text: email.text, html: email.html, subject: `${TEST_MARK}${email.subject}` },
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    const code = (error as { responseCode?: number }).responseCode;
    throw new OwabiError('relay_failed', `The relay did not take the test mail (${code ?? 'no reply'}).`);
  } finally {
    transport.close();
  }
}
