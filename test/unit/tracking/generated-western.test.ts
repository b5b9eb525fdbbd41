import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureClass } from '../../../src/delivery/email/classify-failure.ts';
import { readReport } from '../../../src/tracking/reading/read-report.ts';
import { anyFacts } from '../../support/reports/arbitrary-facts.ts';
import { readReceipt } from '../../support/reports/auto-replies.ts';
import { authFailure, notSpam, optOut } from '../../support/reports/complaints.ts';
import { factsFor, type Reply, type ReportFacts, type ReportKind, replyLine } from '../../support/reports/facts.ts';
import { reportKinds } from '../../support/reports/kinds.ts';
import { replies } from '../../support/reports/replies.ts';
import { severalInWords } from '../../support/reports/several.ts';
import { handedOn, passedOn, severalRecipients } from '../../support/reports/standard.ts';

// The same mails every time, so that what is red can be repeated; others with SEED=<number>.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20261124) });

const each = reportKinds.flatMap((of) => of.kinds.map((kind) => ({ name: of.name, kind, of })));

const lower = (address: string | null | undefined): string | null => address?.toLowerCase() ?? null;

// A server that could not be reached for days: whether it is called the network or the time makes no difference to anybody.
// A refusal without a reason may be called a refusal.
const alike = (of: FailureClass | null | undefined): unknown[] => {
  if (of === 'network' || of === 'expired') return ['network', 'expired'];
  return of === 'undetermined' ? ['undetermined', 'sender_blocked'] : [of];
};

const plain = reportKinds.find(({ name }) => name === 'rfc 3464 plain');
const readPlain = (reply: Reply) => plain && readReport(plain.make(factsFor({ reply }))).findings[0];
const classes = new Map(replies.map((reply) => [reply, readPlain(reply)?.class]));

/**
 * What has to come out of a report of these facts; a key that is absent may be anything. A reply means the same in whatever
 * report it stands: what each means is tested once, in the plain one.
 */
function expected(of: ReportKind, facts: ReportFacts): Record<string, unknown> {
  const judged = facts.kind === 'bounce';
  const shown = of.classes === undefined || of.classes.length > 0;
  return {
    kind: facts.kind,
    ...(of.namesRecipient ? { recipient: lower(facts.recipient) } : {}),
    ...(judged && of.showsStatus && facts.reply.status !== null ? { status: facts.reply.status } : {}),
    ...(judged && shown
      ? { class: expect.toBeOneOf(alike(of.classes ? facts.reply.class : classes.get(facts.reply))) }
      : {}),
    ...(facts.kind === 'bounce' || facts.kind === 'delay' ? {} : { class: null }),
  };
}

describe('a reply in a report', () => {
  it.each(replies.map((reply) => [replyLine({ reply, recipient: 'taro@mail.example.jp' }), reply] as const))(
    '%s',
    (_, reply) => {
      expect(readPlain(reply)?.class).toBeOneOf(alike(reply.class));
    },
  );
});

describe('a report of a mail system', () => {
  it.each(each)('$name: $kind is read back as it was made', ({ of, kind }) => {
    fc.assert(
      fc.property(anyFacts(of, kind), (facts) => {
        const { findings } = readReport(of.make(facts));
        expect(findings.map((one) => ({ ...one, recipient: lower(one.recipient) }))).toMatchObject([
          expected(of, facts),
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('names the original by its Message-ID wherever it is enclosed', () => {
    const silent = reportKinds.filter((of) => {
      const facts = factsFor({
        kind: of.kinds[0] ?? 'bounce',
        attach: 'headers',
        originalMessageId: '<n7.77@notice.example.com>',
      });
      const bytes = of.make(facts);
      return (
        bytes.includes(facts.originalMessageId) && !readReport(bytes).marks.messageIds.includes(facts.originalMessageId)
      );
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('names the original by the ENVID that it gives back', () => {
    const facts = factsFor({ envelopeId: 'abcdefghij234567' });
    const named = reportKinds.filter(
      (of) => of.kinds.includes('bounce') && of.make(facts).includes('Original-Envelope-Id'),
    );
    expect(named.length).toBeGreaterThan(20);
    for (const of of named)
      expect([of.name, ...readReport(of.make(facts)).marks.envelopeIds]).toContain('abcdefghij234567');
  });
});

describe('a report about several recipients', () => {
  it('tells each one’s own outcome', () => {
    const bytes = severalRecipients([
      factsFor({ recipient: 'a@example.jp' }),
      factsFor({
        recipient: 'b@example.jp',
        reply: { code: 452, status: '4.2.2', text: 'Mailbox full', class: 'mailbox_full' },
        kind: 'delay',
      }),
      factsFor({ recipient: 'c@example.jp', kind: 'delivered' }),
      factsFor({
        recipient: 'd@example.jp',
        reply: { code: 552, status: '5.3.4', text: 'Message size exceeds fixed limit', class: 'content' },
      }),
    ]);
    expect(readReport(bytes).findings).toMatchObject([
      { recipient: 'a@example.jp', kind: 'bounce', class: 'invalid_mailbox', status: '5.1.1' },
      { recipient: 'b@example.jp', kind: 'delay', class: 'mailbox_full', status: '4.2.2' },
      { recipient: 'c@example.jp', kind: 'delivered', class: null },
      { recipient: 'd@example.jp', kind: 'bounce', class: 'content', status: '5.3.4' },
    ]);
  });

  it.each(severalInWords)('$name has one section for each', ({ make, alike }) => {
    const said = [
      { recipient: 'a@example.jp', line: '550 5.1.1 User unknown', class: 'invalid_mailbox' },
      { recipient: 'b.b@example.co.jp', line: '552 5.2.2 Mailbox full, quota exceeded', class: 'mailbox_full' },
      {
        recipient: 'c@example.com',
        line: '554 5.7.1 Blocked: your IP address is on a blacklist',
        class: 'sender_blocked',
      },
    ];
    const bytes = make(factsFor({ recipient: 'a@example.jp', attach: 'text' }), said);
    expect(readReport(bytes).findings).toMatchObject(
      said.map((one) => ({ kind: 'bounce', recipient: one.recipient, class: alike ? 'invalid_mailbox' : one.class })),
    );
  });

  it('reads three hundred of them', () => {
    const all = Array.from({ length: 300 }, (_, at) => factsFor({ recipient: `r${at}@example.jp` }));
    expect(readReport(severalRecipients(all)).findings.length).toBe(300);
  });
});

describe('what is nearly a bounce', () => {
  it('a message that was handed on and failed there names one of the two addresses', () => {
    const [finding, ...more] = readReport(
      handedOn(factsFor({ recipient: 'ours@example.jp' }), 'theirs@example.com'),
    ).findings;
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'bounce', class: 'invalid_mailbox' });
    expect(['ours@example.jp', 'theirs@example.com']).toContain(finding?.recipient);
  });

  it.each(['relayed', 'expanded'] as const)(
    'a message that was %s has arrived as far as anybody will tell',
    (action) => {
      const facts = factsFor();
      expect(readReport(passedOn(facts, action)).findings).toMatchObject([
        { kind: 'delivered', recipient: facts.recipient, class: null },
      ]);
    },
  );

  it.each(['displayed', 'deleted'] as const)(
    'a receipt by the reader’s program (%s) is no report of a failure',
    (disposition) => {
      const [finding] = readReport(readReceipt(factsFor(), disposition)).findings;
      expect(['other', 'auto_reply']).toContain(finding?.kind);
      expect(finding?.class).toBeNull();
    },
  );

  it('"not spam" and a failure of authentication are no complaints', () => {
    expect(readReport(notSpam(factsFor())).findings).toMatchObject([{ kind: 'other', class: null }]);
    expect(readReport(authFailure(factsFor())).findings).toMatchObject([{ kind: 'other', class: null }]);
  });

  it('a wish to get no more is as good as a complaint', () => {
    expect(readReport(optOut(factsFor())).findings).toMatchObject([
      { kind: 'complaint', recipient: factsFor().recipient },
    ]);
  });
});
