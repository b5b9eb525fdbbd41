import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/tracking/reading/finding.ts';
import { readReport } from '../../../src/tracking/reading/read-report.ts';
import { factsFor } from '../../support/reports/facts.ts';
import { reportKinds } from '../../support/reports/kinds.ts';
import { replies } from '../../support/reports/replies.ts';
import { cpuMs, withoutEvidence } from '../../support/reports-japan/evidence.ts';
import { type Draw, drawing, mangled, nested } from '../../support/reports-japan/mangle.ts';
import { filled, fillers, nasties, places } from '../../support/reports-japan/nasties.ts';
import { japanKinds } from '../../support/reports-japan/report-kinds.ts';

// The same mails every time, so that what is red can be repeated; others with SEED=<number>.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20261124) });

const MB = 1024 * 1024;
const MS_OF_A_MEGABYTE = 200;
// Below this the clock of the processor and the garbage collector say more than the reader.
const LEAST_LIMIT_MS = 50;
const limitFor = (bytes: Buffer) => Math.max(LEAST_LIMIT_MS, (MS_OF_A_MEGABYTE * bytes.length) / MB);

const kinds = [...reportKinds, ...japanKinds];
const PERMANENT = /^(invalid_|owner_)/;
const attachments = ['whole', 'headers', 'text', 'none'] as const;
const of = <T>(many: readonly T[], draw: Draw): T => many[draw(many.length)] as T;

/** A mail of some kind with some reply; the same for the same draws. */
function anyMail(draw: Draw): Buffer {
  const kind = of(kinds, draw);
  const facts = { kind: of(kind.kinds, draw), attach: of(attachments, draw), reply: of(replies, draw) };
  return kind.make(factsFor({ ...facts, recipient: 'hanako@mail.example.com' }));
}

/** What is wrong with a reading; nothing when all is as promised. */
function wrongs(bytes: Buffer, reading: Reading): string[] {
  const { findings } = reading;
  const faults = [withoutEvidence(bytes, reading), findings.length === 0 ? 'no finding' : null];
  const long = findings.some(({ words }) => (words?.length ?? 0) > 1000);
  const classed = findings.every(({ kind, class: failure }) => (failure !== null) === /^(bounce|delay)$/.test(kind));
  return [...faults, long ? 'words that are too long' : null, classed ? null : 'a class where none belongs'].filter(
    (fault) => fault !== null,
  );
}

/** Reads, and tells how long it took when it took too long. */
function readInTime(bytes: Buffer): { reading: Reading; late: string | null } {
  let reading: Reading | null = null;
  const limit = limitFor(bytes);
  const took = cpuMs(() => {
    reading = readReport(bytes);
  }, limit);
  if (!reading) throw new Error('not read');
  return { reading, late: took > limit ? `${Math.round(took)} ms for ${bytes.length} bytes` : null };
}

function faultsOf(bytes: Buffer): string[] {
  const { reading, late } = readInTime(bytes);
  return [...wrongs(bytes, reading), ...(late ? [late] : [])];
}

describe('reading whatever may come', () => {
  it('never throws, is in time and claims nothing without evidence when mails are damaged', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draw = drawing(seed);
        const { bytes, done } = mangled(anyMail(draw), draw);
        expect(faultsOf(bytes), `seed ${seed}: ${done}`).toEqual([]);
      }),
      { numRuns: 3000, endOnFailure: true },
    );
  });

  it('does not take a stranger’s words for a reason when the reply gives none', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const draw = drawing(seed);
        const reply = { code: 452, status: '4.2.2', text: 'over quota', class: 'mailbox_full' } as const;
        const kind = of(
          kinds.filter((one) => one.kinds.includes('bounce') && one.showsStatus),
          draw,
        );
        const whole = kind.make(
          factsFor({ reply, attach: of(attachments, draw), recipient: 'hanako@mail.example.com' }),
        );
        const { bytes, done } = mangled(whole, draw);
        expect(faultsOf(bytes), `seed ${seed}, ${kind.name}: ${done}`).toEqual([]);
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('does not say that nobody is there when the server said something else', () => {
    const said = replies.filter((reply) => !PERMANENT.test(reply.class) && reply.code !== null);
    const showing = japanKinds.filter((kind) => !kind.sayings && kind.kinds.includes('bounce'));
    const parts = [fc.constantFrom(...showing), fc.constantFrom(...said), fc.constantFrom(...attachments)] as const;
    fc.assert(
      fc.property(...parts, (kind, reply, attach) => {
        const { findings } = readReport(kind.make(factsFor({ reply, attach })));
        const wrong = findings.filter((finding) => finding.class !== null && PERMANENT.test(finding.class));
        expect(wrong, `${kind.name}, ${reply.text}`).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it.each(Object.entries(nasties))(
    'never throws, is in time and claims nothing without evidence: %s',
    (_name, make) => {
      expect(faultsOf(make())).toEqual([]);
    },
  );

  it.each(Object.entries(places))('is in time whatever fills %s', (_place, make) => {
    const faults = fillers.flatMap((filler) => {
      // Small first: what is not linear would take hours of the large one.
      const late = [4, 192].map((kilobytes) => () => readInTime(make(filled(filler, kilobytes * 1024))).late);
      const fault = late.reduce<string | null>((found, read) => found ?? read(), null);
      return fault ? [`${JSON.stringify(filler)}: ${fault}`] : [];
    });
    expect(faults).toEqual([]);
  });

  it.each(Object.entries(places))('is in time when a megabyte of everything fills %s', (_place, make) => {
    const everything = fillers.map((filler) => filled(filler, MB / fillers.length)).join('');
    expect(faultsOf(make(everything))).toEqual([]);
  });

  it.each([1, 10] as const)('finds a report that is nested in %i others, or says that it is none', (depth) => {
    for (const type of ['message', 'multipart'] as const) {
      const bytes = nested(anyMail(drawing(7)), depth, type);
      expect(faultsOf(bytes)).toEqual([]);
    }
  });
});

describe('the examination itself', () => {
  const finding = { kind: 'bounce', recipient: 'a@b.example', class: 'invalid_mailbox', rule: 'x' } as const;
  const marks = { bounceAddresses: [], envelopeIds: [], messageIds: [] };
  const mail = Buffer.from('Subject: a\r\n\r\nmailbox full 5.2.2\r\n');

  it('notices a permanent class that stands on nothing', () => {
    const reading = (status: string | null, words: string | null): Reading => ({
      findings: [{ ...finding, status, words }],
      marks,
    });
    expect(withoutEvidence(mail, reading('5.1.1', null))).toMatch('status');
    expect(withoutEvidence(mail, reading(null, 'mailbox full'))).toMatch('no reason');
    expect(withoutEvidence(mail, reading(null, 'user unknown here'))).toMatch('not in the mail');
    expect(withoutEvidence(Buffer.from('550 user unknown here'), reading(null, 'user unknown here'))).toBeNull();
    expect(withoutEvidence(Buffer.from('5.1.1'), reading('5.1.1', null))).toBeNull();
  });

  it('notices a reading that is without findings, or has a class where none belongs', () => {
    expect(wrongs(mail, { findings: [], marks })).toEqual(['no finding']);
    const classed = { ...finding, kind: 'auto_reply', class: 'system', status: null, words: 'x'.repeat(1001) } as const;
    expect(wrongs(mail, { findings: [classed], marks })).toHaveLength(2);
  });

  it('notices what takes too long', () => {
    // By its own clock: on a busy machine 30 ms can pass without any of them being ours.
    const busy = () => {
      for (const from = process.cpuUsage().user; process.cpuUsage().user - from < 30_000; );
    };
    expect(cpuMs(busy, 5)).toBeGreaterThan(5);
    expect(cpuMs(() => 1, 5)).toBeLessThan(5);
  });
});
