import {
  type PaceWindow,
  resolveWindow,
  type SendingWindow,
  windowAt,
  windowProblem,
} from '../delivery/dispatch/window.ts';
import type { ProblemList } from './notice-problems.ts';
import type { NoticeSnapshot } from './renderings.ts';

/**
 * The window of a notice in full, with the hotline's hours as they are frozen: it is approved as such. A window that
 * cannot be used, or does not open again from `begins` on, blocks.
 * @param begins when sending may begin at the earliest
 */
export function checkWindow(
  given: PaceWindow | null,
  { facts, timeZone }: Pick<NoticeSnapshot, 'facts' | 'timeZone'>,
  begins: Date,
  problems: ProblemList,
): SendingWindow | null {
  if (given === null) return null;
  const window = resolveWindow(given, facts.contact);
  const problem = windowProblem(window, timeZone);
  if (problem) {
    problems.blocking('window_unusable', 'pace.window', problem.message);
    return window;
  }
  const state = windowAt(window, timeZone, begins);
  if ('opensAt' in state && state.opensAt === null) {
    const message = 'The window does not open within a year of the start: give days, or extra dates to come.';
    problems.blocking('window_unusable', 'pace.window', message);
  }
  return window;
}
