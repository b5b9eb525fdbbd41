import { describe, expect, it } from 'vitest';
import { decideReturn, type KnownLetter, type SaidOfReturn } from '../../../../src/tracking/returns/decide-return.ts';

const nothing: SaidOfReturn = { noticeId: null, deliveryId: null, sequence: null, generation: null };
const letter = (id: number, state: string, more: Partial<KnownLetter> = {}): KnownLetter => ({
  ...{ deliveryId: String(id), noticeId: '1', generation: id, state, sequence: id, postedOn: null },
  ...{ returnedAt: null, ...more },
});
const decide = (letters: KnownLetter[] | null, said: Partial<SaidOfReturn> = {}) =>
  decideReturn({ ...nothing, ...said }, letters);

describe('which letter came back', () => {
  it('is the one that has been out', () => {
    const letters = [letter(1, 'cancelled'), letter(2, 'posted'), letter(3, 'pending')];
    expect(decide(letters)).toEqual({ result: 'returned', deliveryId: '2', choices: [] });
  });

  describe('when one has come back before and a later one stands as posted', () => {
    // Readdressed, and each the first of its batch.
    const letters = [letter(1, 'returned', { sequence: 1 }), letter(2, 'posted', { sequence: 1 })];

    it('is told by the generation in the mark: the old envelope scanned again changes nothing', () => {
      expect(decide(letters, { sequence: 1, generation: 1 })).toEqual({
        ...{ result: 'already', deliveryId: '1', choices: [] },
      });
      expect(decide(letters, { sequence: 1, generation: 2 })).toEqual({
        ...{ result: 'returned', deliveryId: '2', choices: [] },
      });
    });

    it('is told by an old mark where only one has its place, and else for a person to say', () => {
      expect(decide(letters, { sequence: 1 })).toEqual({ result: 'ambiguous', deliveryId: null, choices: letters });
      const moved = [letter(1, 'returned', { sequence: 9 }), letter(2, 'posted', { sequence: 1 })];
      expect(decide(moved, { sequence: 9 })).toEqual({ result: 'already', deliveryId: '1', choices: [] });
    });

    it('is for a person to say when only the reference is known: it may be the old envelope, said twice', () => {
      expect(decide(letters)).toEqual({ result: 'ambiguous', deliveryId: null, choices: letters });
      expect(decide(letters, { deliveryId: '2' }).result).toBe('returned');
      expect(decide(letters, { deliveryId: '1' }).result).toBe('already');
    });

    it('is for a person to say when the mark fits letters of two notices, one of which came back', () => {
      const twice = [letter(1, 'returned'), letter(7, 'posted', { noticeId: '7', generation: 1, sequence: 1 })];
      expect(decide(twice, { sequence: 1, generation: 1 })).toMatchObject({ result: 'ambiguous', choices: twice });
      expect(decide(twice, { sequence: 1, generation: 1, noticeId: '7' }).deliveryId).toBe('7');
    });

    it('is none that is out when the generation in the mark is that of another', () => {
      expect(decide(letters, { sequence: 1, generation: 3 })).toMatchObject({ result: 'ambiguous', choices: letters });
    });
  });

  it('is nobody’s when the reference is unknown', () => {
    expect(decide(null)).toEqual({ result: 'unknown_reference', deliveryId: null, choices: [] });
  });

  it('has come back before when none is out any more', () => {
    const letters = [letter(1, 'returned'), letter(2, 'returned'), letter(3, 'pending')];
    expect(decide(letters)).toEqual({ result: 'already', deliveryId: '2', choices: [] });
  });

  it.each(['pending', 'rendered', 'handed_over', 'unprintable', 'cancelled'])('is none that is %s', (state) => {
    expect(decide([letter(1, state)])).toEqual({
      ...{ result: 'not_posted', deliveryId: null, choices: [letter(1, state)] },
    });
  });

  it('is none for a person without letters', () => {
    expect(decide([])).toEqual({ result: 'not_posted', deliveryId: null, choices: [] });
  });

  describe('when several are out', () => {
    const letters = [letter(1, 'posted'), letter(2, 'posted', { noticeId: '7' }), letter(3, 'returned')];

    it('is for a person to say', () => {
      expect(decide(letters)).toEqual({ result: 'ambiguous', deliveryId: null, choices: letters });
    });

    it('is told by the notice, the delivery, or the place in the batch that was scanned', () => {
      expect(decide(letters, { noticeId: '7' }).deliveryId).toBe('2');
      expect(decide(letters, { deliveryId: '1' }).deliveryId).toBe('1');
      expect(decide(letters, { sequence: 1 }).deliveryId).toBe('1');
    });

    it('is the one that came back before when its place in the batch was scanned again', () => {
      expect(decide(letters, { sequence: 3 })).toEqual({ result: 'already', deliveryId: '3', choices: [] });
    });

    it('is for a person to say when the scanned place is that of none which is out', () => {
      const replaced = letter(4, 'handed_over');
      expect(decide([letter(1, 'posted'), replaced], { sequence: 4 })).toEqual({
        ...{ result: 'ambiguous', deliveryId: null, choices: [letter(1, 'posted')] },
      });
    });

    it('is none of another notice; what there is is shown', () => {
      expect(decide(letters, { noticeId: '9' })).toEqual({
        ...{ result: 'not_posted', deliveryId: null, choices: letters },
      });
    });
  });
});
