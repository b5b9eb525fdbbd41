import { describe, expect, it } from 'vitest';
import { type Alert, alertKinds, describeAlert } from '../../../src/alerts/alert.ts';

const detail = {
  ...{ because: 'bounce_share', code: '550 5.7.1', number: 3, tasks: 2, since: '2017-07-25T10:00:00Z', failures: 0 },
  ...{ workers: 1, persons: 10, reached: 7, unreached: 2, excluded: 1, invalid: 25, tried: 200 },
  ...{ batches: 4, batchId: '31' },
};
const alert = (over: Partial<Alert>): Alert => ({
  ...{ id: '1', kind: 'breaker', subject: { noticeId: '12', incidentId: '3' }, detail },
  ...{ raisedAt: new Date(0), endedAt: null, ...over },
});
const subjects: Partial<Record<Alert['kind'], Alert['subject']>> = {
  domain_held: { domain: 'docomo' },
  relay_held: { relay: 'mx.example.jp:587' },
  queue_stalled: { work: 'send-email' },
  invalid_mailboxes: { domain: 'docomo' },
  owner_changed: { incidentId: '3' },
  // These are about no notice: their number is what they say.
  ...{ report_unreadable: {}, reports_forged: {}, reports_unmatched: {} },
  refused: { noticeId: '12', incidentId: '3', class: 'content' },
};

/** What a kind is raised for, where each has words of its own. */
const causes: Partial<Record<Alert['kind'], string[]>> = {
  batch_waiting: ['figures_differ', 'delivery_uncertain', 'not_acknowledged', 'not_posted'],
};
const kindsAndCauses = alertKinds.flatMap((kind) =>
  (causes[kind] ?? [detail.because]).map((one) => [kind, one] as const),
);

describe('the words of an alert', () => {
  it.each(kindsAndCauses)('of %s because of %s say what it is about and where to turn', (kind, because) => {
    const subject = subjects[kind];
    const { title, message } = describeAlert(
      alert({ kind, detail: { ...detail, because }, ...(subject && { subject }) }),
    );
    for (const text of [title, message]) expect(text).not.toMatch(/undefined|null|NaN|\[object/);
    expect(title).toContain(Object.values(subjects[kind] ?? { noticeId: '12' })[0] ?? '3 ');
    expect(message).toMatch(/(GET|POST) \/(v1|health)\//);
  });

  it('of a domain that has no name to be told say only whose it is', () => {
    const { message } = describeAlert(
      alert({
        kind: 'domain_held',
        subject: { domain: '3f2a9b1c', incidentId: '3' },
        detail: { because: 'x', code: null },
      }),
    );
    expect(message).toContain('One mail domain of incident 3 (3f2a9b1c…) refuses us as sender (x), ');
  });

  it('of a domain of which too many addresses are nobody’s speak of the list, not of our reputation', () => {
    const told = {
      kind: 'domain_held',
      subject: { domain: 'docomo' },
      detail: { because: 'invalid_mailboxes' },
    } as const;
    const { message } = describeAlert(alert(told));
    expect(message).toContain('Compare the list with its source');
    expect(message).not.toContain('refuses us');
  });

  it('say that it is over when it is, but not that a completed notice is', () => {
    const endedAt = new Date('2017-07-25T10:00:00Z');
    expect(describeAlert(alert({ endedAt }))).toMatchObject({
      title: 'Over: Notice 12 has paused by itself: bounce_share',
      message: expect.stringContaining('This was over at 2017-07-25T10:00:00.000Z.'),
    });
    expect(describeAlert(alert({ kind: 'notice_completed', endedAt })).title).toBe('Notice 12 is complete');
  });
});
