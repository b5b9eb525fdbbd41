import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileFaults } from '../../../../src/rendering/letter-profiles/check-profile.ts';
import { type EnvelopeProfile, letterGrams } from '../../../../src/rendering/letter-profiles/envelope-profile.ts';
import { shippedProfile, shippedProfiles } from '../../../../src/rendering/letter-profiles/shipped-profiles.ts';
import {
  foldSheet,
  liesIn,
  overlaps,
  privacyZone,
  slackOf,
  visibleZone,
  type Zone,
} from '../../../../src/rendering/letter-profiles/zones.ts';

const naga3 = shippedProfile('a4-naga3-90x45') as EnvelopeProfile;

/** Profiles without faults: the shipped ones with their windows moved and resized, as long as letters can be made. */
const profiles = fc
  .record({
    base: fc.constantFrom(...shippedProfiles),
    ...{ dx: fc.double({ min: -12, max: 12, noNaN: true }), dy: fc.double({ min: -12, max: 12, noNaN: true }) },
    ...{ dw: fc.double({ min: -15, max: 15, noNaN: true }), dh: fc.double({ min: -8, max: 15, noNaN: true }) },
  })
  .map(({ base, dx, dy, dw, dh }): EnvelopeProfile => {
    const { x, y, width, height } = base.window;
    const window = { x: x + dx, y: y + dy, width: width + dw, height: height + dh };
    return { ...base, window, addressField: null };
  })
  .filter((profile) => profileFaults(profile).length === 0);

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** How far the sheet has slid: the extremes tell most. */
const slide = fc.oneof(fc.constant(0), fc.constant(1), share);
const many = { numRuns: 1000 };
const edge = 1e-6;

/** Whether a point of the first panel lies in the window when the sheet has slid so far. */
function shows(profile: EnvelopeProfile, [x, y]: [number, number], [right, down]: [number, number]): boolean {
  const { window } = profile;
  const atX = x + right;
  const atY = y + foldSheet(profile).panelTop + down;
  return (
    atX >= window.x - edge &&
    atX <= window.x + window.width + edge &&
    atY >= window.y - edge &&
    atY <= window.y + window.height + edge
  );
}

const pointIn = (zone: Zone, x: number, y: number): [number, number] => [
  zone.x + x * zone.width,
  zone.y + y * zone.height,
];

describe('the zones of a folded sheet', () => {
  it('are those that were worked out by hand for 長形3号', () => {
    expect(slackOf(naga3)).toEqual({ x: 25, y: 21 });
    expect(visibleZone(naga3)).toEqual({ x: 21, y: 12, width: 65, height: 24 });
    expect(privacyZone(naga3)).toEqual({ x: 0, y: 0, width: 111, height: 57 });
  });

  it('show a point of the visible zone at every slide', () => {
    fc.assert(
      fc.property(profiles, share, share, slide, slide, (profile, x, y, right, down) => {
        const slack = slackOf(profile);
        const point = pointIn(visibleZone(profile), x, y);
        expect(shows(profile, point, [right * slack.x, down * slack.y])).toBe(true);
      }),
      many,
    );
  });

  it('never show a point of the first panel outside the privacy zone', () => {
    fc.assert(
      fc.property(profiles, share, share, slide, slide, (profile, x, y, right, down) => {
        const slack = slackOf(profile);
        const panel = { x: 0, y: 0, width: profile.paper.width, height: foldSheet(profile).panelHeight };
        const point = pointIn(panel, x, y);
        const zone = privacyZone(profile);
        fc.pre(!liesIn({ x: point[0], y: point[1], width: 0, height: 0 }, zone));
        expect(shows(profile, point, [right * slack.x, down * slack.y])).toBe(false);
      }),
      many,
    );
  });

  it('show every point of the privacy zone at some slide: it is not larger than it must be', () => {
    fc.assert(
      fc.property(profiles, share, share, (profile, x, y) => {
        const { window } = profile;
        const [atX, atY] = pointIn(privacyZone(profile), x, y);
        const slack = slackOf(profile);
        const down = Math.min(slack.y, Math.max(0, window.y - foldSheet(profile).panelTop - atY));
        const right = Math.min(slack.x, Math.max(0, window.x - atX));
        expect(shows(profile, [atX, atY], [right, down])).toBe(true);
      }),
      many,
    );
  });

  it('count a second panel that is higher than the first: it looks out above it', () => {
    const formA = shippedProfile('din-5008-a') as EnvelopeProfile;
    expect(foldSheet(formA)).toEqual({ width: 210, height: 105, panelTop: 18, panelHeight: 87 });
    expect(visibleZone(formA)).toEqual({ x: 20, y: 32, width: 80, height: 40 });
    // Form B lies 18 mm lower on its sheet and at the same place in the same window.
    expect(visibleZone(shippedProfile('din-5008-b') as EnvelopeProfile)).toMatchObject({ y: 50, height: 40 });
  });

  it('tell whether two lie over each other', () => {
    const zone = { x: 10, y: 10, width: 10, height: 10 };
    expect(overlaps(zone, { x: 19, y: 19, width: 5, height: 5 })).toBe(true);
    expect(overlaps(zone, { x: 20, y: 10, width: 5, height: 5 })).toBe(false);
    expect(liesIn({ x: 12, y: 12, width: 8, height: 8 }, zone)).toBe(true);
    expect(liesIn({ x: 12, y: 12, width: 9, height: 8 }, zone)).toBe(false);
  });
});

describe('the weight of a letter', () => {
  it('is that of its sheets and its envelope', () => {
    expect(letterGrams(naga3, 1)).toBeCloseTo(10.99, 2);
    expect(letterGrams(naga3, naga3.maxSheets)).toBeLessThanOrEqual(naga3.maxGrams);
    expect(letterGrams(naga3, naga3.maxSheets + 1)).toBeGreaterThan(naga3.maxGrams);
  });
});
