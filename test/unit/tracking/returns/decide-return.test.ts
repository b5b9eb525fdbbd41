import { describe, expect, it } from 'vitest';
import { decideReturn, type KnownLetter, type SaidOfReturn } from '../../../../src/tracking/returns/decide-return.ts';

const nothing: SaidOfReturn = { noticeId: null, deliveryId: null, sequence: null };
const letter = (id: number, state: string, more: Partial<KnownLetter> = {}): KnownLetter => ({
  ...{ deliveryId: String(id), noticeId: '1', generation: id, state, sequence: id, postedOn: null, ...more },
});
const decide = (letters: KnownLetter[] | null, said: Partial<SaidOfReturn> = {}) =>
  decideReturn({ ...nothing, ...said }, letters);

describe('which letter came back', () => {
  it('is the one that stands as posted', () => {
    const before = letter(1, 'returned');
    expect(decide([before, letter(2, 'posted')])).toEqual({ result: 'returned', deliveryId: '2', choices: [] });
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
      expect(decide(letters)).toEqual({ result: 'ambiguous', deliveryId: null, choices: letters.slice(0, 2) });
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
