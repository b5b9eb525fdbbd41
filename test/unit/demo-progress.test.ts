import { describe, expect, it } from 'vitest';
import type { NoticeStats } from '../../src/demo/api.ts';
import { checkNotice, checkSums, failedChecks } from '../../src/demo/checks.ts';
import { checkComeBack } from '../../src/demo/come-back.ts';
import { makeProgress } from '../../src/demo/progress.ts';

function stage(isTTY: boolean): { isTTY: boolean; write(text: string): void; written: string } {
  const it = {
    isTTY,
    written: '',
    write: (text: string) => {
      it.written += text;
    },
  };
  return it;
}

describe('the progress of the demo', () => {
  it('is one moving line in a terminal', () => {
    const terminal = stage(true);
    const progress = makeProgress(terminal, () => 0);
    for (const done of [0, 5, 10]) progress.show('emails', done, 10);
    progress.say('done');
    expect(terminal.written.split('\n')).toHaveLength(3);
    expect(terminal.written).toContain('10 of 10');
  });

  it('is a plain line now and then elsewhere, and always the last one', () => {
    const file = stage(false);
    let time = 0;
    const progress = makeProgress(file, () => time);
    for (let done = 0; done <= 100; done += 1) {
      progress.show('emails', done, 100);
      time += 50;
    }
    progress.finish();
    const lines = file.written.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(6);
    expect(lines.at(-1)).toContain('100 of 100');
    expect(file.written).not.toContain('\u001b');
  });
});

const STATS: NoticeStats = {
  noticeId: '1',
  status: 'completed',
  balanced: true,
  simulated: true,
  persons: { total: 10, reached: 7, inProgress: 3, unreached: 0, excluded: 0 },
  email: {
    ...{ total: 8, pending: 0, claimed: 0, submitting: 0, submitted: 7, deferred: 0, uncertain: 0, bounced: 1 },
    ...{ complained: 0, confirmed: 0, suppressed: 0, cancelled: 0 },
  },
  letter: { total: 3, pending: 0, rendered: 3, handedOver: 0, posted: 0, returned: 0, unprintable: 0, cancelled: 0 },
  pace: { lastMinute: 7 },
  reports: { bounce: 0, delay: 0, complaint: 0 },
};
const AUDIENCE = { persons: 10, withEmail: 8, refused: 1, suppressed: 0 };

describe('the figures of the demo', () => {
  it('are right when what came back is written down once, and a forged report changed nothing', () => {
    const afterwards: NoticeStats = {
      ...STATS,
      persons: { ...STATS.persons, reached: 2 },
      email: { ...STATS.email, submitted: 1, bounced: 6, complained: 1 },
      letter: { ...STATS.letter, rendered: 8 },
      reports: { bounce: 5, delay: 1, complaint: 1 },
    };
    expect(failedChecks(checkComeBack(STATS, afterwards))).toEqual([]);
    const believed = { ...afterwards, email: { ...afterwards.email, bounced: 7, submitted: 0 } };
    expect(failedChecks(checkComeBack(STATS, believed))).not.toEqual([]);
  });

  it('are right when everybody is reached by email or has a letter', () => {
    expect(failedChecks(checkNotice('apology', STATS, AUDIENCE, true))).toEqual([]);
  });

  it('are wrong when one person is missing, or a sum does not add up, or nobody has checked', () => {
    const lost = { ...STATS, persons: { ...STATS.persons, inProgress: 2 }, balanced: false };
    expect(failedChecks(checkNotice('apology', lost, AUDIENCE, true)).map(({ what }) => what)).toEqual([
      'apology: in progress',
      'apology: balanced',
      'apology: sum of persons',
    ]);
    expect(failedChecks(checkSums('x', { ...STATS, letter: { ...STATS.letter, total: 4 } }))).toHaveLength(1);
  });
});
