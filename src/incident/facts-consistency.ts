/** Contradictions inside a fact sheet of the right shape: R16 of the requirements. */
import type { Facts, FactsProblem } from './facts.ts';

export function consistencyProblems(facts: Facts): FactsProblem[] {
  const impossible = impossibleDates(facts);
  if (impossible.length > 0) return impossible;
  return [...precisions(facts), ...orders(facts), ...openings(facts), ...doneMeasures(facts)];
}

/** Whether a date `YYYY-MM-DD` is in the proleptic Gregorian calendar. */
function isCalendarDate(date: string): boolean {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const built = new Date(Date.UTC(year, month - 1, day));
  return built.getUTCMonth() === month - 1 && built.getUTCDate() === day;
}

function impossibleDates(facts: Facts): FactsProblem[] {
  return datesOf(facts)
    .filter(([, date]) => !isCalendarDate(date.slice(0, 10)) || !isClock(date.slice(11)))
    .map(([path]) => ({ path, message: `${path} is not in the calendar: correct the date or time.` }));
}

function datesOf(facts: Facts): [string, string][] {
  return [
    ['documentDate', facts.documentDate],
    ['awareness.at', facts.awareness.at],
    ...facts.timeline.map(({ at }, i): [string, string] => [`timeline.${i}.at`, at]),
    ...facts.contact.specialOpenings.map(({ date }, i): [string, string] => [
      `contact.specialOpenings.${i}.date`,
      date,
    ]),
    ...(facts.prevention ?? []).flatMap(({ date }, i): [string, string][] =>
      date === undefined ? [] : [[`prevention.${i}.date`, date]],
    ),
    ...(facts.exposureWindow
      ? ([
          ['exposureWindow.from', facts.exposureWindow.from],
          ['exposureWindow.to', facts.exposureWindow.to],
        ] as [string, string][])
      : []),
  ];
}

function isClock(time: string): boolean {
  return time === '' || /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
}

function precisions(facts: Facts): FactsProblem[] {
  const moments: [string, { at: string; precision: 'day' | 'minute' }][] = [
    ['awareness', facts.awareness],
    ...facts.timeline.map((entry, i): [string, typeof entry] => [`timeline.${i}`, entry]),
  ];
  return moments
    .filter(([, { at, precision }]) => precision === 'minute' && !at.includes('T'))
    .map(([path]) => ({
      path: `${path}.at`,
      message: `${path}.at has no time, though its precision is "minute": write YYYY-MM-DDTHH:MM or set precision "day".`,
    }));
}

function orders(facts: Facts): FactsProblem[] {
  const problems: FactsProblem[] = [];
  facts.timeline.forEach(({ at }, i) => {
    const before = facts.timeline[i - 1]?.at;
    // Only as far as both are known: an entry of a day may follow one of the same day at ten o'clock.
    const length = Math.min(at.length, before?.length ?? 0);
    if (before !== undefined && at.slice(0, length) < before.slice(0, length)) {
      const path = `timeline.${i}.at`;
      problems.push({ path, message: `${path} is before the entry above it: put the timeline in order.` });
    }
  });
  if (facts.documentDate < facts.awareness.at.slice(0, 10)) {
    problems.push({ path: 'documentDate', message: 'documentDate is before awareness.at: correct one of them.' });
  }
  if (facts.exposureWindow && facts.exposureWindow.to < facts.exposureWindow.from) {
    const path = 'exposureWindow.to';
    problems.push({ path, message: `${path} is before exposureWindow.from: correct one of them.` });
  }
  return problems;
}

function openings({ contact }: Facts): FactsProblem[] {
  const spans: [string, { from: string; to: string }][] = [
    ['contact.hours', contact.hours],
    ...contact.specialOpenings.map((opening, i): [string, typeof opening] => [`contact.specialOpenings.${i}`, opening]),
  ];
  return spans
    .filter(([, { from, to }]) => to <= from)
    .map(([path]) => ({ path: `${path}.to`, message: `${path}.to is not after ${path}.from: correct one of them.` }));
}

function doneMeasures(facts: Facts): FactsProblem[] {
  return (facts.prevention ?? [])
    .map((entry, i) => ({ entry, path: `prevention.${i}.date` }))
    .filter(({ entry }) => entry.status === 'done' && entry.date === undefined)
    .map(({ path }) => ({ path, message: `${path} is missing: a measure that is done has the date it was done on.` }));
}
