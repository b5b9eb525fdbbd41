import type { Box } from '../pdf/ink.ts';

/** Sums of rounded measures are not exact, and no eye or printer sees this much. */
const SLIP_MM = 0.1;

export function liesWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x - SLIP_MM &&
    inner.y >= outer.y - SLIP_MM &&
    inner.x + inner.width <= outer.x + outer.width + SLIP_MM &&
    inner.y + inner.height <= outer.y + outer.height + SLIP_MM
  );
}

export function overlaps(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width - SLIP_MM &&
    other.x < one.x + one.width - SLIP_MM &&
    one.y < other.y + other.height - SLIP_MM &&
    other.y < one.y + one.height - SLIP_MM
  );
}
