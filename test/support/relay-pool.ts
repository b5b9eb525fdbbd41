import { openRelayPool, type RelayPool } from '../../src/delivery/email/relay-pool.ts';
import type { Refusal } from '../../src/delivery/email/relays/relay-failure.ts';
import type { RelaySetting } from '../../src/delivery/email/relays/relay-setting.ts';
import type { OutgoingMessage } from '../../src/delivery/email/submit-message.ts';

export interface TestPool extends RelayPool {
  /** What was told of relays, as `name code`. */
  down: string[];
  refused: (Refusal & { relay: string })[];
  /** What stands in the table of relays that are held. */
  held: Set<string>;
  /** How often the pool has looked there. */
  readonly reads: number;
}

/** A pool without a database. */
export function testPool(relays: RelaySetting[], size: number): TestPool {
  const down: string[] = [];
  const refused: TestPool['refused'] = [];
  const held = new Set<string>();
  let reads = 0;
  const pool = openRelayPool({
    ...{ relays, size },
    onDown: (relay, code) => down.push(`${relay} ${code}`),
    async onRefused(relay, refusal) {
      refused.push({ relay, ...refusal });
      held.add(relay);
    },
    async heldRelays() {
      reads++;
      return new Set(held);
    },
  });
  return {
    ...{ ...pool, down, refused, held },
    get reads() {
      return reads;
    },
  };
}

/** A small message to this address. */
export const messageTo = (to: string): OutgoingMessage => ({
  ...{ from: 'b+token@bounce.example.jp', to, envelopeId: 'token' },
  pieces: [Buffer.from('Subject: a\r\n\r\nb\r\n')],
});

export const allowed = async (): Promise<boolean> => true;
