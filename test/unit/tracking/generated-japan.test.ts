import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../../src/tracking/reading/read-report.ts';
import type { ReportFacts } from '../../support/reports/facts.ts';
import { factsFor } from '../../support/reports/facts.ts';
import { replies } from '../../support/reports/replies.ts';
import { noReports } from '../../support/reports-japan/auto-replies.ts';
import { caseOf, faultsOf, sayingsOf } from '../../support/reports-japan/examine.ts';
import { japanKinds } from '../../support/reports-japan/report-kinds.ts';

// The same mails every time, so that what is red can be repeated; others with SEED=<number>.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20261124) });

const servers = replies.filter(({ code }) => code !== null);
const attachments: readonly ReportFacts['attach'][] = ['whole', 'headers', 'text', 'none'];

describe('reports of the systems of Japan and of the gateways of the world', () => {
  it.each(japanKinds.map((kind) => [kind.name, kind] as const))('are read right: %s', (_name, kind) => {
    const faults = kind.kinds.flatMap((what) =>
      sayingsOf(kind, what).flatMap((reply) =>
        attachments.flatMap((attach) => {
          const facts = caseOf(kind, what, reply, 'sato.hanako', attach);
          return faultsOf(kind, facts, readReport(kind.make(facts))).map(
            (fault) => `${reply.text} [${attach}] ${fault}`,
          );
        }),
      ),
    );
    expect(faults).toEqual([]);
  });

  it('are read right whatever the address is, with line ends of the wire or of Unix', () => {
    const plain = fc.stringMatching(/^[a-z0-9][a-z0-9_+-]{0,12}(\.[a-z0-9_-]{1,8})?$/);
    // What the carriers of Japan have given out, though no standard allows it.
    const dotted = fc.stringMatching(/^[a-z0-9]{1,6}\.{1,3}[a-z0-9-]{0,6}\.{0,2}$/);
    const parts = [
      fc.constantFrom(...japanKinds),
      plain,
      dotted,
      fc.constantFrom(...attachments),
      fc.nat(),
      fc.boolean(),
    ] as const;
    fc.assert(
      fc.property(...parts, (kind, usual, odd, attach, at, unix) => {
        const what = kind.kinds[at % kind.kinds.length] ?? 'bounce';
        // A system without words of its own may say whatever servers say.
        const any = what === 'bounce' && !kind.sayings;
        const sayings = any ? [...sayingsOf(kind, what), ...servers] : sayingsOf(kind, what);
        const reply = sayings[at % sayings.length];
        if (!reply) return;
        const ofCarrier = /^(docomo|ezweb|au|softbank)\./.test(kind.domain ?? '');
        const facts = caseOf(kind, what, reply, ofCarrier && at % 2 === 0 ? odd : usual, attach);
        const bytes = kind.make(facts);
        const sent = unix ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : bytes;
        expect(faultsOf(kind, facts, readReport(sent)), kind.name).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('name all of their recipients when they name several', () => {
    const kind = japanKinds.find(({ name }) => name === 'a gateway, several recipients in one');
    const facts = factsFor({ recipient: 'sato.hanako@mail.example.com' });
    const recipients = readReport(kind?.make(facts) ?? Buffer.alloc(0)).findings.map(({ recipient }) => recipient);
    expect(recipients).toEqual(['', 'second.', 'third.'].map((before) => `${before}sato.hanako@mail.example.com`));
  });

  it.each(noReports)('are told apart from what is no report: $name', ({ make }) => {
    const { findings } = readReport(make(factsFor()));
    expect(findings.map(({ kind, class: failure }) => [kind, failure])).toEqual([['other', null]]);
  });

  it('would be missed when they were read wrong', () => {
    const [kind] = japanKinds;
    if (!kind) throw new Error('no kinds');
    const facts = caseOf(
      kind,
      'bounce',
      { code: 550, status: '5.1.1', text: 'User unknown', class: 'mailbox_full' },
      'a',
      'none',
    );
    const finding = {
      kind: 'delay',
      recipient: 'b@example.jp',
      status: null,
      class: null,
      words: null,
      rule: 'x',
    } as const;
    const marks = { bounceAddresses: [], envelopeIds: [], messageIds: [] };
    expect(faultsOf(kind, facts, { findings: [finding], marks })).toHaveLength(4);
    expect(faultsOf(kind, facts, { findings: [], marks })).toHaveLength(1);
  });
});
