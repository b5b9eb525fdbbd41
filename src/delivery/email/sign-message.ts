import { dkimSignatures, type Signer } from './dkim.ts';
import { type SmimeSigner, smimeSigned } from './smime.ts';

/** Who signs what we send. */
export interface Signers {
  /** DKIM: all of them sign. */
  signers: readonly Signer[];
  /** S/MIME; null: not signed so. */
  smime: SmimeSigner | null;
}

/**
 * The finished message with its signatures. S/MIME comes first, because DKIM signs what is on its way.
 * @param message header and body, CRLF line ends
 */
export async function signMessage(message: Buffer, { signers, smime }: Signers, at: Date): Promise<Buffer> {
  const signed = smime ? await smimeSigned(message, smime, at) : message;
  return Buffer.concat([await dkimSignatures(signed, signers, at), signed]);
}
