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
 * @param message header and body in pieces, CRLF line ends
 */
export async function signMessage(
  message: readonly Buffer[],
  { signers, smime }: Signers,
  at: Date,
): Promise<Buffer[]> {
  const signed = smime ? [await smimeSigned(Buffer.concat(message), smime, at)] : message;
  return [await dkimSignatures(signed, signers, at), ...signed];
}
