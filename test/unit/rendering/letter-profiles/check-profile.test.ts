import { describe, expect, it } from 'vitest';
import { letterProfile } from '../../../../src/rendering/letter-profile.ts';
import { profileFaults } from '../../../../src/rendering/letter-profiles/check-profile.ts';
import type { EnvelopeProfile } from '../../../../src/rendering/letter-profiles/envelope-profile.ts';
import {
  defaultProfile,
  shippedProfile,
  shippedProfiles,
} from '../../../../src/rendering/letter-profiles/shipped-profiles.ts';
import { liesIn, overlaps } from '../../../../src/rendering/letter-profiles/zones.ts';

const naga3 = shippedProfile('a4-naga3-90x45') as EnvelopeProfile;
const formA = shippedProfile('din-5008-a') as EnvelopeProfile;

describe('profileFaults', () => {
  it.each(shippedProfiles.map((profile) => [profile.id, profile] as const))('finds none in %s', (_, profile) => {
    expect(profileFaults(profile)).toEqual([]);
  });

  it.each<[string, EnvelopeProfile, RegExp]>([
    ['a fold below the sheet', { ...naga3, folds: [99, 300] }, /fold at 300 mm is not on the sheet/],
    ['folds in disorder', { ...naga3, folds: [198, 99] }, /each below the one before/],
    ['a sheet that is not folded', { ...naga3, folds: [] }, /folded sheet is 297 mm high and the envelope 120 mm/],
    [
      'a narrow envelope',
      { ...naga3, envelope: { width: 200, height: 120, grams: 5 } },
      /210 mm wide and the envelope/,
    ],
    ['a window outside', { ...naga3, window: { ...naga3.window, x: 160 } }, /beyond the edge of the envelope/],
    [
      'a low window',
      { ...naga3, window: { ...naga3.window, height: 30 } },
      /9 mm of height are always visible; 3 lines/,
    ],
    ['a narrow window', { ...naga3, window: { ...naga3.window, width: 70 } }, /45 mm of width are always visible/],
    ['a window below the panel', { ...naga3, window: { ...naga3.window, y: 60 } }, /below the first panel/],
    ['a window above the panel', { ...formA, window: { ...formA.window, y: 20 } }, /above the first panel/],
    ['a wide window', { ...naga3, window: { ...naga3.window, width: 130 } }, /left for the sender/],
    [
      'a field that may be hidden',
      { ...naga3, addressField: { x: 22, y: 20, width: 63, height: 22 } },
      /does not lie in the zone that is always visible/,
    ],
    ['a flat field', { ...naga3, addressField: { x: 22, y: 13, width: 63, height: 6 } }, /3 lines of 8 pt need 9.1 mm/],
    [
      'a window over the edge of the sheet',
      { ...naga3, window: { ...naga3.window, y: 0, height: 33 } },
      /9 mm of height are always visible, without the 4 mm at the edge of the sheet where nothing is printed/,
    ],
    [
      'a field at the edge of the sheet',
      { ...naga3, window: { ...naga3.window, y: 0 }, addressField: { x: 22, y: 1, width: 63, height: 22 } },
      /field reaches the 4 mm at the edge/,
    ],
    ['a mark in the window', { ...naga3, inserterMark: { x: 100, y: 50 } }, /would show in the window/],
    [
      'a mark in the text',
      { ...naga3, inserterMark: { x: 30, y: 240 } },
      /would stand in the text: let it lie within 22/,
    ],
    ['a mark over the foot', { ...naga3, inserterMark: { x: 100, y: 278 } }, /would stand in the text/],
    ['a mark that is folded', { ...naga3, inserterMark: { x: 8, y: 190 } }, /fold would go through the mark/],
    ['a mark at the edge', { ...naga3, inserterMark: { x: 199, y: 280 } }, /4 mm clear/],
  ])('names %s', (_, profile, sentence) => {
    const faults = profileFaults(profile);
    expect(faults.map(({ message }) => message).join(' ')).toMatch(sentence);
    for (const { path, message } of faults) {
      expect(path).not.toBe('');
      expect(message).toMatch(/^[A-Z0-9].*\.$/);
    }
  });
});

describe('the profiles of the service', () => {
  it('have the ids and defaults that notices rely on', () => {
    expect(shippedProfiles.map(({ id }) => id)).toEqual([
      ...['a4-naga3-90x45', 'a4-yonaga3-90x45', 'a4-kaku2-105x60', 'a4-dl-90x35', 'a4-c65-90x45', 'a4-c5-90x45'],
      ...['din-5008-a', 'din-5008-b', 'letter-10-114x29'],
    ]);
    expect([defaultProfile('ja').id, defaultProfile('en').id]).toEqual(['a4-naga3-90x45', 'a4-dl-90x35']);
  });

  it.each(shippedProfiles.map((profile) => [profile.id, profile] as const))(
    'in %s the address always shows and nothing else ever does',
    (_, envelope) => {
      for (const listsExposures of [true, false]) {
        const profile = letterProfile(envelope, listsExposures);
        const { address, returnLine, visibleZone, privacyZone, own, senderX, bodyY, page, printable } = profile;
        expect(liesIn(address, visibleZone)).toBe(true);
        if (returnLine) expect(liesIn(returnLine, visibleZone)).toBe(true);
        if (returnLine) expect(overlaps(returnLine, address)).toBe(false);
        expect(liesIn(visibleZone, privacyZone)).toBe(true);
        expect(liesIn(address, printable)).toBe(true);
        expect(own.y).toBeGreaterThan(privacyZone.y + privacyZone.height);
        expect(bodyY).toBeGreaterThan(own.y);
        expect(senderX).toBeGreaterThan(privacyZone.x + privacyZone.width);
        expect(page.width - 22 - senderX).toBeGreaterThanOrEqual(45);
      }
    },
  );
});
