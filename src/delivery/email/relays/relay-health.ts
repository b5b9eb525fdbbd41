import type { SmtpFailure } from '../classify-failure.ts';
import { type Refusal, readRefusal } from './relay-failure.ts';
import type { Relay, RelayLines } from './relay-lines.ts';

interface RelayHealthOptions {
  lines: RelayLines;
  /** In ms; `coolsUntil` goes by it. */
  now: () => number;
  onDown(relay: string, code: string): void;
  onRefused(relay: string, refusal: Refusal): Promise<void>;
  heldRelays(): Promise<ReadonlySet<string>>;
}

const FIRST_COOLING_MS = 500;
const LONGEST_COOLING_MS = 30_000;
const HELD_READ_MS = 1_000;

/** Who takes messages: a relay that fails is left alone for a while, longer each time; one that refuses us is held. */
export function makeRelayHealth({ lines, now, onDown, onRefused, heldRelays }: RelayHealthOptions) {
  /** Held by us and not yet written down. */
  const ours = new Set<string>();
  let known: ReadonlySet<string> = new Set();
  let readAt = Number.NEGATIVE_INFINITY;
  const isHeld = (name: string): boolean => known.has(name) || ours.has(name);

  const hold = (relay: Relay, refusal: Refusal): void => {
    if (relay.held) return;
    ours.add(relay.name);
    lines.hold(isHeld);
    void onRefused(relay.name, refusal).finally(() => {
      known = new Set([...known, relay.name]);
      ours.delete(relay.name);
    });
  };
  const cool = (relay: Relay, code: string): void => {
    const at = now();
    // All its connections may break in one breath: that is one failure.
    if (at < relay.coolsUntil) return;
    relay.coolsUntil = at + Math.min(FIRST_COOLING_MS * 2 ** relay.failures, LONGEST_COOLING_MS);
    relay.failures++;
    onDown(relay.name, code);
  };
  return {
    /** It took part in a message as it should. */
    well(relay: Relay): void {
      relay.failures = 0;
    },
    /** It failed before a message could be judged. `failure`: its reply, where it gave one. */
    failed(relay: Relay, { failure, code, atLogin }: RelayFault): void {
      const refusal = failure && readRefusal(failure, atLogin);
      if (refusal) hold(relay, refusal);
      else cool(relay, code);
    },
    /** Learns which relays other workers hold, and which an operator has released; at most once a second. */
    async readHeld(): Promise<void> {
      if (now() - readAt < HELD_READ_MS) return;
      readAt = now();
      // Unknown for a moment, it stays as it was: without the database nothing is claimed, and nothing sent.
      const names = await heldRelays().catch(() => null);
      if (names === null) return;
      known = names;
      lines.hold(isHeld);
    },
  };
}

interface RelayFault {
  failure: SmtpFailure | null;
  /** For the log. */
  code: string;
  atLogin: boolean;
}
