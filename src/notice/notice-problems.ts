import { type ErrorCode, errorCodes } from '../errors.ts';

/** What is wrong with a notice (`blocking`) or with some persons in it (`person`: stops nobody else). */
export interface NoticeProblem {
  code: string;
  severity: 'blocking' | 'person';
  message: string;
  count: number;
  /** The first of the persons concerned, at most `SHOWN`. */
  personIds: string[];
  where: string;
}

const SHOWN = 100;

/** Gathers problems by code and place, so that ten thousand missing addresses are one line with a number. */
export class ProblemList {
  #problems = new Map<string, NoticeProblem>();

  blocking(code: ErrorCode, where: string, message: string = errorCodes[code][1]): void {
    this.#at(code, 'blocking', where, message).count++;
  }

  ofPerson(personId: string, { code, where, message }: { code: string; where: string; message: string }): void {
    const problem = this.#at(code, 'person', where, message);
    problem.count++;
    if (problem.personIds.length < SHOWN) problem.personIds.push(personId);
  }

  blocks(): boolean {
    return [...this.#problems.values()].some((problem) => problem.severity === 'blocking');
  }

  list(): NoticeProblem[] {
    return [...this.#problems.values()];
  }

  #at(code: string, severity: NoticeProblem['severity'], where: string, message: string): NoticeProblem {
    const key = `${severity} ${code} ${where}`;
    const problem = this.#problems.get(key) ?? { code, severity, message, count: 0, personIds: [], where };
    this.#problems.set(key, problem);
    return problem;
  }
}
