import { describe, expect, it } from 'vitest';
import { judgeInvalid } from '../../../src/delivery/dispatch/invalid-pattern.ts';

describe('addresses that nobody has, of one mail domain within minutes', () => {
  it('are normal while they are few, or a small share: every list of customers ages', () => {
    expect(judgeInvalid(19, 19)).toBeNull();
    expect(judgeInvalid(3_000, 150)).toBeNull();
    expect(judgeInvalid(0, 0)).toBeNull();
  });

  it('slow the domain from twenty and a tenth on', () => {
    expect(judgeInvalid(200, 20)).toBe('slow');
    expect(judgeInvalid(201, 20)).toBeNull();
    expect(judgeInvalid(20, 20)).toBe('slow');
    expect(judgeInvalid(1_000, 299)).toBe('slow');
  });

  it('hold it from sixty and three tenths on', () => {
    expect(judgeInvalid(200, 60)).toBe('hold');
    expect(judgeInvalid(201, 60)).toBe('slow');
    expect(judgeInvalid(59, 59)).toBe('slow');
  });
});
