import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classifyFailure, type FailureClass, type SmtpFailure } from '../../../src/delivery/email/classify-failure.ts';
import { consequence, domainSignal } from '../../../src/delivery/email/failure-consequence.ts';
import { enhancedCodes, groupReadings } from '../../../src/delivery/email/failure-rules.ts';
import { replies } from './replies.fixtures.ts';

/** A reply as submit-message.ts reads it. */
const failureOf = (stage: SmtpFailure['stage'], text: string): SmtpFailure => ({
  ...{ stage, text, reply: Number(text.slice(0, 3)) },
  enhanced: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null,
});

describe('what a reply means', () => {
  it.each(replies)('%s at %s: %s', (group, stage, line, is, leadsTo) => {
    const failure = failureOf(stage, line);
    const failureClass = classifyFailure({ ...failure, group });
    expect([failureClass, consequence(failureClass, failure)]).toEqual([is, leadsTo]);
  });

  it('reads the same words of docomo apart only for docomo', () => {
    const failure = failureOf('rcpt', '550 : User unknown');
    expect(classifyFailure({ ...failure, group: 'kddi' })).toBe('recipient_filter');
    expect(classifyFailure({ ...failure, group: 'nobody' })).toBe('invalid_mailbox');
    expect(classifyFailure(failure)).toBe('invalid_mailbox');
  });

  it('never takes the words of an address for words of the reply', () => {
    const locals = ['no-spam', 'virus', 'block', 'sender.domain', 'quota', 'greylisted', 'relay-denied', 'SPF.record'];
    for (const local of locals) {
      for (const group of ['docomo', null]) {
        const of = (text: string) => classifyFailure({ ...failureOf('rcpt', text), group });
        expect(of(`550 Unknown user ${local}@docomo.ne.jp`)).toBe('invalid_mailbox');
        expect(of(`550 5.1.1 <${local}@docomo.ne.jp>: not here`)).toBe('invalid_mailbox');
      }
      const au = failureOf('rcpt', `550 <${local}@ezweb.ne.jp>: User unknown`);
      expect(classifyFailure({ ...au, group: 'kddi' })).toBe('invalid_mailbox');
    }
  });

  it('is read soon, however long a reply is', () => {
    const startedAt = performance.now();
    for (const piece of ['user ', 'a', '@', '<', 'mailbox quota ', 'unresolvable ']) {
      const text = `550 ${piece.repeat(1_000_000 / piece.length)}`;
      expect(classifyFailure({ ...failureOf('rcpt', text), group: 'docomo' })).toBeTypeOf('string');
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('is the network when no reply came', () => {
    const failure = { stage: 'connect', reply: null, enhanced: null, text: '' } as const;
    expect(classifyFailure(failure)).toBe('network');
    expect(consequence('network', failure)).toBe('retry_on');
  });
});

describe('what may not end a delivery', () => {
  const codes = [null, '5.1.1', '5.1.2', '5.7.1', '5.7.17', '5.2.2', '4.4.7', '4.2.1'];

  it('anything before a recipient was named', () => {
    for (const stage of ['connect', 'mail'] as const) {
      for (const reply of [421, 450, 530, 535, 550, 553, 554]) {
        for (const enhanced of codes) {
          const failure = { stage, reply, enhanced, text: `${reply} ${enhanced ?? 'user unknown'}` };
          const failureClass = classifyFailure({ ...failure, group: 'docomo' });
          expect(consequence(failureClass, failure)).toMatch(/^(retry_on|tell_operator)$/);
          expect(domainSignal(failureClass, failure)).toBeNull();
        }
      }
    }
  });

  it('a refusal for now', () => {
    for (const enhanced of codes) {
      const failure = { stage: 'rcpt' as const, reply: 450, enhanced, text: '450 user unknown' };
      expect(consequence(classifyFailure(failure), failure)).not.toBe('bounce');
    }
  });

  it('any of the codes that speak of us as sender, at whatever receiver and step', () => {
    const groups = [null, ...new Set(groupReadings.map((rule) => rule.group))];
    for (const enhanced of ['5.7.1', '5.7.9', '5.7.20', '5.7.23', '5.7.25', '5.7.26', '5.7.27', '5.7.28', '5.3.4']) {
      for (const group of groups) {
        for (const stage of ['rcpt', 'data', 'body'] as const) {
          const failure = { stage, reply: 550, enhanced, text: `550 ${enhanced} refused` };
          expect(consequence(classifyFailure({ ...failure, group }), failure)).toMatch(/^(hold_domain|tell_operator)$/);
        }
      }
    }
  });
});

describe('the readings, as data', () => {
  it('each says where it is from and since when', () => {
    for (const rule of groupReadings) {
      expect(rule.source).not.toBe('');
      expect(rule.verifiedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(rule.effectiveFrom <= rule.verifiedOn).toBe(true);
    }
  });

  it('tell the domain to slow down, or to be held, by a reply to a recipient', () => {
    const at = { stage: 'rcpt', reply: 450 } as const;
    expect(domainSignal('throttled', at)).toBe('throttled');
    expect(domainSignal('sender_blocked', { stage: 'body', reply: 554 })).toBe('blocked');
    expect(domainSignal('sender_auth', at)).toBe('auth');
    expect(domainSignal('mailbox_full', at)).toBeNull();
    expect(domainSignal('throttled', { stage: 'rcpt', reply: null })).toBeNull();
  });

  it('lead to what docs/sending.md says, class by class', () => {
    const page = readFileSync(new URL('../../../docs/sending.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| `(\w+)` \| `(\w+)` \|$/gm)];
    expect(rows.map(([, failureClass]) => failureClass)).toEqual([...new Set(rows.map((row) => row[1]))]);
    expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(replies.map((reply) => reply[3])).add('network'));
    for (const [, name, forNow, forGood] of rows) {
      const of = (reply: number) => consequence(name as FailureClass, { stage: 'rcpt', reply });
      expect([name, of(450), of(550)]).toEqual([name, forNow, forGood]);
    }
  });

  it('read every enhanced code that has a class of its own in one way', () => {
    const of = (code: string) => enhancedCodes.find(([, codes]) => codes.test(code))?.[0];
    expect(['4.7.1', '5.7.1', '4.7.28', '5.7.28', '4.4.7', '4.4.2', '5.4.4', '4.4.4'].map(of)).toEqual([
      ...['sender_blocked', 'sender_blocked', 'throttled', 'sender_blocked', 'expired', 'network'],
      ...['invalid_domain', 'network'],
    ]);
  });
});
