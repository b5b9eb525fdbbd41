import type { Ink } from '../../src/rendering/pdf/ink.ts';
import { readPages } from '../../src/rendering/pdf/read-pages.ts';

const MARK_MM = 10;

const whole = (ink: Ink): Ink[] => [ink, ...ink.forms.flatMap((form) => whole(form.ink))];

/**
 * What a scanner sees of the inserter's mark on a page: its modules, dark or not, from the upper left.
 * @param page from 1
 * @param at upper left corner of its place, mm
 * @param side modules
 */
export function modulesOn(pdf: Uint8Array, page: number, at: { x: number; y: number }, side: number): boolean[][] {
  const dark = whole(readPages(pdf).read(page).ink)
    .flatMap(({ rectangles }) => rectangles)
    .filter(({ x, y }) => x >= at.x && x < at.x + MARK_MM && y >= at.y && y < at.y + MARK_MM);
  const left = Math.min(...dark.map(({ x }) => x));
  const top = Math.min(...dark.map(({ y }) => y));
  const module = (Math.max(...dark.map(({ y, height }) => y + height)) - top) / side;
  const covers = (x: number, y: number) =>
    dark.some((box) => box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height);
  return Array.from({ length: side }, (_row, row) =>
    Array.from({ length: side }, (_cell, cell) => covers(left + (cell + 0.5) * module, top + (row + 0.5) * module)),
  );
}
