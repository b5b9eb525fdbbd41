import { describe, expect, it } from 'vitest';
import { planReports, type Said } from '../../../src/tracking/applying/report-plan.ts';

const said = (deliveryId: string, kind: Said['kind'], over: Partial<Said> = {}): Said => ({
  ...{ deliveryId, kind, class: null, status: null, rule: kind, matchedBy: 'bounce_address', forwarded: false },
  ...{ words: null, reply: null, ...over },
});
const states = (of: Record<string, string>) => new Map(Object.entries(of));

describe('a plan of reports', () => {
  it('never takes one delivery two steps in one round', () => {
    const reports = [
      { id: '1', said: [said('a', 'delivered'), said('b', 'bounce')] },
      { id: '2', said: [said('a', 'bounce'), said('a', 'complaint')] },
    ];
    const { rounds } = planReports(reports, states({ a: 'submitted', b: 'uncertain' }));
    expect(rounds.map((round) => round.map(({ deliveryId, from, to }) => `${deliveryId} ${from} ${to}`))).toEqual([
      ['a submitted confirmed', 'b uncertain bounced'],
      ['a confirmed bounced'],
      ['a bounced complained'],
    ]);
  });

  it('says each thing once, and remembers that one of its repeats changed something', () => {
    const reports = [1, 2, 3].map((n) => ({ id: String(n), said: [said('a', 'bounce', { status: '5.1.1' })] }));
    const plan = planReports(reports, states({ a: 'submitted' }));
    expect(plan.said).toMatchObject([{ reportId: '1', applied: true, seen: 3 }]);
    expect(plan.rounds.flat()).toHaveLength(1);
  });

  it('puts a report off as a whole when a part of it comes too early, and no other', () => {
    const reports = [
      { id: '1', said: [said('a', 'bounce'), said('b', 'bounce')] },
      { id: '2', said: [said('a', 'bounce')] },
    ];
    const plan = planReports(reports, states({ a: 'submitted', b: 'submitting' }));
    expect([...plan.waiting]).toEqual(['1']);
    expect(plan.said).toMatchObject([{ deliveryId: 'a', reportId: '2', seen: 1 }]);
  });

  it('leaves the class of a failure behind when the mail proves to have arrived', () => {
    const reports = [
      { id: '1', said: [said('a', 'bounce', { class: 'mailbox_full', status: '5.2.2' }), said('a', 'complaint')] },
    ];
    const { rounds } = planReports(reports, states({ a: 'submitted' }));
    expect(rounds[0]).toMatchObject([{ to: 'bounced', class: 'mailbox_full', code: '5.2.2' }]);
    expect(rounds[1]).toMatchObject([{ to: 'complained', class: null, code: null }]);
  });

  it.each(['not_sent', 'claimed', 'submitting'])(
    'waits for the end of an email that is %s, unless nothing depends on it',
    (state) => {
      const plan = (kind: Said['kind']) => planReports([{ id: '1', said: [said('a', kind)] }], states({ a: state }));
      for (const kind of ['bounce', 'delivered', 'complaint'] as const) expect(plan(kind).waiting.size, kind).toBe(1);
      for (const kind of ['delay', 'auto_reply', 'other'] as const) expect(plan(kind).said, kind).toHaveLength(1);
    },
  );

  it('takes no step from where none leads', () => {
    for (const state of ['suppressed', 'cancelled', 'complained']) {
      const plan = planReports(
        [{ id: '1', said: [said('a', 'bounce'), said('a', 'delivered'), said('a', 'complaint')] }],
        states({ a: state }),
      );
      expect(plan.rounds, state).toEqual([]);
      expect(plan.said, state).toHaveLength(3);
    }
  });
});
