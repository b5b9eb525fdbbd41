/** A second look at a page by another program: ink in its picture where none may be. */
import type { Box } from '../pdf/ink.ts';
import type { GreyPicture } from './png.ts';
import type { CheckCode, CheckPlan } from './types.ts';

/** Paler pixels are the edge of something that lies outside. */
const INK = 160;

type PicturePlan = Pick<CheckPlan, 'page' | 'printable' | 'visibleZone' | 'privacyZone'> & { returnLine: Box | null };

/** @param number of the letter's page, from 1: the window shows the first */
export function checkPicture(plan: PicturePlan, number: number, picture: GreyPicture): CheckCode[] {
  const { page, printable, visibleZone, privacyZone, returnLine } = plan;
  const mmPerPixel = page.width / picture.width;
  const allowed = [visibleZone, ...(returnLine ? [returnLine] : [])].map((box) => grown(box, mmPerPixel));
  const edge = grown(printable, mmPerPixel);
  const hidden = grown(privacyZone, -mmPerPixel);
  let [atEdge, inWindow] = [false, false];
  for (let i = 0; i < picture.pixels.length; i++) {
    if ((picture.pixels[i] as number) >= INK) continue;
    const x = ((i % picture.width) + 0.5) * mmPerPixel;
    const y = (Math.floor(i / picture.width) + 0.5) * mmPerPixel;
    if (!holds(edge, x, y)) atEdge = true;
    if (number === 1 && holds(hidden, x, y) && !allowed.some((box) => holds(box, x, y))) inWindow = true;
  }
  return [...(atEdge ? (['picture_at_edge'] as const) : []), ...(inWindow ? (['picture_in_window'] as const) : [])];
}

function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function holds(box: Box, x: number, y: number): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}
