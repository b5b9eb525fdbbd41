import { describe, expect, it } from 'vitest';
import {
  type ChannelPolicy,
  firstOutcome,
  planDeliveries,
  type Reachability,
} from '../../../src/notice/plan-deliveries.ts';

const fine: Reachability = { hasEmail: true, emailProblem: null, letterProblem: null };
const plan = (policy: ChannelPolicy, person: Partial<Reachability>): string[] =>
  planDeliveries(policy, { ...fine, ...person }).map(({ channel, state, reason }) =>
    [channel, state, reason].filter(Boolean).join(' '),
  );

describe('the deliveries a notice plans for a person', () => {
  it.each<[ChannelPolicy, Partial<Reachability>, string[]]>([
    ['email', {}, ['email pending']],
    ['email', { hasEmail: false }, []],
    ['letter', {}, ['letter pending']],
    ['letter', { letterProblem: 'no_address' }, ['letter unprintable no_address']],
    ['both', {}, ['email pending', 'letter pending']],
    ['both', { hasEmail: false }, ['letter pending']],
    ['email_then_letter', {}, ['email pending']],
    ['email_then_letter', { hasEmail: false }, ['letter pending no_email']],
    ['email_then_letter', { hasEmail: false, letterProblem: 'missing_glyph' }, ['letter unprintable missing_glyph']],
    [
      'email_then_letter',
      { emailProblem: 'leftover_tag' },
      ['email suppressed leftover_tag', 'letter pending leftover_tag'],
    ],
  ])('%s for %o: %o', (policy, person, expected) => {
    expect(plan(policy, person)).toEqual(expected);
  });

  it('leave a person who can be reached on no channel unreached, with the cause, and never silently out', () => {
    expect(firstOutcome(planDeliveries('email', { ...fine, hasEmail: false }))).toEqual({
      outcome: 'unreached',
      cause: 'no_email',
    });
    expect(firstOutcome(planDeliveries('letter', { ...fine, letterProblem: 'no_address' }))).toEqual({
      ...{ outcome: 'unreached', cause: 'no_address' },
    });
    expect(firstOutcome(planDeliveries('both', fine))).toEqual({ outcome: 'in_progress', cause: null });
  });
});
