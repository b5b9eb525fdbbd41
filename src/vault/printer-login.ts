import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** How a connection to a printer proves who is who. */
export interface PrinterLogin {
  privateKey: Buffer;
  /** @param hostKey the server's public key, as SSH sends it */
  isRightHost(hostKey: Buffer): boolean;
}

/**
 * Reads the private key, anew for each connection: it can be exchanged without a restart.
 * @param hostKey SHA-256 of the server's key, base64 without padding
 * @throws Error with a sentence that names the file
 */
export async function printerLogin({ keyPath, hostKey }: { keyPath: string; hostKey: string }): Promise<PrinterLogin> {
  const privateKey = await readFile(keyPath).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`PRINTER_SFTP_KEY names a file that cannot be read: ${keyPath} (${error.code}).`);
  });
  return {
    privateKey,
    isRightHost: (key) => hash('sha256', key, 'base64').replace(/=+$/, '') === hostKey,
  };
}
