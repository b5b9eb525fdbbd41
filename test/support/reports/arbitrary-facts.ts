import fc from 'fast-check';
import { factsFor, type Reply, type ReportFactKind, type ReportFacts, type ReportKind } from './facts.ts';
import { replies } from './replies.ts';

// Addresses speak too: none of these words may decide anything.
const LOCALS = [
  'hanako.sato',
  'user-unknown',
  'mailbox.full',
  'no-spam',
  'over_quota',
  'x550',
  '5.1.1',
  'taro+shop',
  "o'hara",
  'a',
  'a=b',
  'TARO.Yamada',
  'blocked',
];
const DOMAINS = ['mail.example.jp', 'example.co.jp', 'spam.example.ne.jp', 'EXAMPLE.jp', 'quota-full.example.com'];

const recipients = fc
  .tuple(fc.constantFrom(...LOCALS), fc.constantFrom(...DOMAINS))
  .map(([local, domain]) => `${local}@${domain}`);

/**
 * Whether a system can report this: it does not say what only another system says; late mail is late because of what may
 * pass; and some systems know few reasons.
 */
export function canReport({ classes, speaks }: ReportKind, kind: ReportFactKind, reply: Reply): boolean {
  const own = classes !== undefined && classes.length > 0;
  if (!own && reply.by !== undefined && speaks !== 'any' && speaks !== reply.by) return false;
  if (kind === 'delay') return reply.code === null ? reply.class === 'network' : reply.code < 500;
  return !own || classes.includes(reply.class);
}

/** Facts of all sorts that this kind of system can report. */
export function anyFacts(of: ReportKind, kind: ReportFactKind): fc.Arbitrary<ReportFacts> {
  return fc
    .record({
      recipient: recipients,
      sender: fc.constantFrom('notice-return@bounce.example.com', 'b+abcdefghijklmnopqrst@bounce.example.com'),
      reply: fc.constantFrom(...replies.filter((reply) => canReport(of, kind, reply))),
      attach: fc.constantFrom('whole' as const, 'headers' as const, 'text' as const, 'none' as const),
      reporter: fc.constantFrom('relay1.example.net', 'mail.unknown-host.example.net'),
      date: fc.date({ min: new Date('2010-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    })
    .map((some) => factsFor({ ...some, kind }));
}
