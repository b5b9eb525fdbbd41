import type { FailureClass } from '../../delivery/email/classify-failure.ts';
import { classifyReport } from '../reading/classify-report.ts';
import type { Finding, FindingKind, Marks } from '../reading/finding.ts';
import { statusOf } from '../reading/report-words.ts';
import { textOf } from './event-fields.ts';

/** What a provider says of one recipient, before it is decided what it means. */
interface Told {
  kind: FindingKind;
  recipient: unknown;
  /** Names the provider and its own word for what happened: `ses Permanent/General`. */
  rule: string;
  status?: unknown;
  /** What the receiver or the provider said. */
  text?: unknown;
  /** The host that refused. */
  remote?: unknown;
  /** What the provider's own word means, where what was said tells nothing. */
  fallback?: FailureClass;
  /** The text is the provider's own and its word says more: it is not read. */
  ownWords?: boolean;
}

const MOST_WORDS = 1000;
/** What is read of an answer, and of an address: what goes on for longer is there to be laborious. */
const MOST_TEXT = 10_000;
const MOST_ADDRESS = 1000;
const STATUS = /^[245]\.\d{1,3}\.\d{1,3}$/;

/** The finding of what was told. The class: by what the receiver said, else by the provider's own word. */
export function findingOf(told: Told): Finding {
  const recipient = addressOf(told.recipient);
  // Diagnostic-Code begins with its kind (RFC 3464 §2.3.6), which is no word of the receiver.
  const text =
    textOf(told.text)
      ?.slice(0, MOST_TEXT)
      .replace(/^smtp\s*;\s*/i, '') ?? null;
  const given = textOf(told.status);
  const status = given !== null && STATUS.test(given) ? given : statusOf(text ?? '', null);
  const finding: Finding = {
    ...{ kind: told.kind, recipient, status, class: null, words: text?.slice(0, MOST_WORDS) ?? null, rule: told.rule },
  };
  if (told.kind !== 'bounce' && told.kind !== 'delay') return finding;
  const decided = decide(told, { recipient, status, text });
  return { ...finding, class: decided.class, rule: decided.by === '' ? told.rule : `${told.rule}, ${decided.by}` };
}

function decide(
  { fallback = 'undetermined', ownWords = false, remote }: Told,
  { recipient, status, text }: { recipient: string | null; status: string | null; text: string | null },
): { class: FailureClass; by: string } {
  if (ownWords || (text === null && status === null)) return { class: fallback, by: '' };
  const recipientDomain = recipient?.split('@').at(-1)?.toLowerCase() ?? null;
  const read = classifyReport({ status, reply: null, text: text ?? '', recipientDomain, remote: textOf(remote) });
  return read.class === 'undetermined' ? { class: fallback, by: '' } : read;
}

/** The address alone: without a name and without brackets. */
function addressOf(value: unknown): string | null {
  const text = textOf(value);
  if (text === null || text.length > MOST_ADDRESS) return null;
  const bare = (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim();
  return bare.includes('@') ? bare : null;
}

/** The marks of an event. Message-IDs get the brackets that some providers leave out; what is no text is left out. */
export function marksOf(bounceAddresses: unknown[], messageIds: unknown[]): Marks {
  const ids = messageIds.flatMap((id) => /^<?([^<>\s]+@[^<>\s]+)>?$/.exec(textOf(id) ?? '')?.[1] ?? []);
  return {
    bounceAddresses: [...new Set(bounceAddresses.flatMap((address) => addressOf(address) ?? []))],
    envelopeIds: [],
    messageIds: [...new Set(ids.map((id) => `<${id}>`))],
  };
}
