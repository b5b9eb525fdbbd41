/** How well a colour is seen on white paper. */

export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];
const BLACK_ON_WHITE = 21;

/**
 * @param parts what a colour operator was given: grey, RGB or CMYK, each from 0 to 1
 * @returns null for anything else, such as a pattern
 */
export function rgbOf(parts: readonly unknown[]): Rgb | null {
  if (!parts.every((part) => typeof part === 'number')) return null;
  const [first = 0, second = 0, third = 0, black = 0] = parts;
  if (parts.length === 1) return [first, first, first];
  if (parts.length === 3) return [first, second, third];
  return parts.length === 4 ? [afterInk(first, black), afterInk(second, black), afterInk(third, black)] : null;
}

const afterInk = (ink: number, black: number): number => (1 - ink) * (1 - black);

export const isWhite = (colour: Rgb | null): boolean => colour?.every((part) => part === 1) ?? false;

/**
 * Contrast against white as WCAG 2.2 has it: 1 for white to 21 for black. Of what is no plain colour it is 1: nobody knows
 * what it looks like.
 * @param opacity from 0 to 1
 */
export function contrastOnWhite(colour: Rgb | null, opacity: number): number {
  if (colour === BLACK && opacity === 1) return BLACK_ON_WHITE;
  if (colour === null) return 1;
  const [red, green, blue] = colour.map((part) => linear(1 - opacity * (1 - part))) as [number, number, number];
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

/** Of sRGB (IEC 61966-2-1). */
const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
