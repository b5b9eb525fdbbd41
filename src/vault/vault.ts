import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { OwabiError } from '../errors.ts';
import type { DataKeyStore } from './data-keys.store.ts';
import { deriveKey, makeKeyedHash, open, seal } from './seal.ts';

/** What is sealed: authenticated with the value, so that one kind cannot stand in for another. */
export type SealedKind =
  | 'person'
  | 'list-row'
  | 'list-columns'
  | 'exposure'
  | 'notice-person'
  | 'smtp-reply'
  | 'reason'
  | 'report'
  | 'report-words'
  | 'blob';

/** Seals, opens and hashes the personal data of one incident. No key leaves the vault. */
export interface IncidentVault {
  seal(kind: SealedKind, plain: Buffer | string): Buffer;
  open(kind: SealedKind, sealed: Uint8Array): Buffer;
  sealJson(kind: SealedKind, value: unknown): Buffer;
  openJson<T>(kind: SealedKind, sealed: Uint8Array): T;
  /** Keyed hash of a folded look-up value, such as ('email', 'taro@example.jp'): 16 bytes, as 32 hexadecimal digits. */
  lookupKey(kind: string, value: string): string;
}

export interface Vault {
  /** Makes the data key of a new incident, inside the transaction that creates it. */
  createDataKey(keys: DataKeyStore, incidentId: string): Promise<void>;
  /** @throws OwabiError `data_destroyed` when the incident has no data key any more */
  forIncident(incidentId: string): Promise<IncidentVault>;
  /** Seals what has come in and of which nobody knows yet whose it is. Its key comes from the master key. */
  reception: IncidentVault;
  /** 10-byte code that proves that a bounce address is ours (`email.md`, header recipe). */
  bounceCode(deliveryId: string): Buffer;
  isBounceCode(deliveryId: string, code: Buffer): boolean;
}

/**
 * The vault: data keys per incident, wrapped by the master key.
 * @param masterKey 32 bytes, base64
 */
export function makeVault({ masterKey, keys }: { masterKey: string; keys: DataKeyStore }): Vault {
  const master = createSecretKey(Buffer.from(masterKey, 'base64'));
  const wrapping = deriveKey(master, 'owabi data keys');
  const bounces = deriveKey(master, 'owabi bounce addresses');
  const opened = new Map<string, IncidentVault>();
  const bounceCode = (deliveryId: string) => createHmac('sha256', bounces).update(deliveryId).digest().subarray(0, 10);
  return {
    reception: vaultOf(deriveKey(master, 'owabi reception')),
    bounceCode,
    isBounceCode: (deliveryId, code) => code.length === 10 && timingSafeEqual(bounceCode(deliveryId), code),
    async createDataKey(store, incidentId) {
      await store.insert(incidentId, seal(wrapping, randomBytes(32), `data key ${incidentId}`));
    },
    async forIncident(incidentId) {
      const known = opened.get(incidentId);
      if (known) return known;
      const wrapped = await keys.find(incidentId);
      if (!wrapped) throw new OwabiError('data_destroyed');
      const vault = vaultOf(createSecretKey(open(wrapping, wrapped, `data key ${incidentId}`)));
      opened.set(incidentId, vault);
      return vault;
    },
  };
}

function vaultOf(dataKey: KeyObject): IncidentVault {
  const index = deriveKey(dataKey, 'owabi look-up index');
  const vault: IncidentVault = {
    seal: (kind, plain) => seal(dataKey, plain, kind),
    open: (kind, sealed) => open(dataKey, sealed, kind),
    sealJson: (kind, value) => seal(dataKey, JSON.stringify(value), kind),
    openJson: <T>(kind: SealedKind, sealed: Uint8Array) =>
      JSON.parse(open(dataKey, sealed, kind).toString('utf8')) as T,
    lookupKey: makeKeyedHash(index),
  };
  return vault;
}
