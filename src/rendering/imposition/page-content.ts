/** The content of a page (ISO 32000-1 §7.8.2): the shared page, and over it what belongs to one person. */
import type { Bar } from '../barcode/types.ts';
import type { OwnText } from './own-parts.ts';
import { clustersOf, type Type, type TypeCase } from './type-case.ts';

const PT_PER_MM = 72 / 25.4;

/** Name of the shared page among the resources, from 1. */
export const bodyName = (page: number): string => `b${page}`;

export interface PageParts {
  /** The number of the page within its letter, from 1. */
  page: number;
  texts: OwnText[];
  bars: Bar[];
}

/** @param height of the page, mm. @returns operators in Latin-1, glyph numbers as they are */
export function pageContent({ page, texts, bars }: PageParts, height: number, typeCase: TypeCase): string {
  const shared = `/${bodyName(page)} Do 0 g\n`;
  return shared + setTexts(texts, height, typeCase) + drawBars(bars, height);
}

/** Bars in whole hundredths of a millimetre: below what a printer can do, and short in the file. */
function drawBars(bars: Bar[], height: number): string {
  if (bars.length === 0) return '';
  const rectangles = bars.map(({ x, y, w, h }) => {
    const [left, top] = [hundredths(x), hundredths(y)];
    return `${left} ${top} ${hundredths(x + w) - left} ${hundredths(y + h) - top} re`;
  });
  const scale = (PT_PER_MM / 100).toFixed(7);
  return `q ${scale} 0 0 -${scale} 0 ${points(height * PT_PER_MM)} cm\n${rectangles.join('\n')}\nf Q\n`;
}

const hundredths = (mm: number): number => Math.round(mm * 100);

/** Hundredths of a point: 0.0035 mm. */
const points = (pt: number): number => Math.round(pt * 100) / 100;

function setTexts(texts: OwnText[], height: number, typeCase: TypeCase): string {
  let font = '';
  let out = 'BT\n';
  for (const text of texts) {
    const [x, y] = [text.x * PT_PER_MM, (height - text.y) * PT_PER_MM];
    for (const run of runsOf(text, typeCase)) {
      const wanted = `/${run.font} ${text.size} Tf\n`;
      if (wanted !== font) out += wanted;
      font = wanted;
      out += `1 0 0 1 ${points(x + run.x * text.size)} ${points(y + run.y * text.size)} Tm`;
      out += run.says === null ? `(${run.glyphs})Tj\n` : spanOf(run.says, run.glyphs);
    }
  }
  return `${out}ET\n`;
}

/** Glyphs that follow each other by the widths of their font. Places in em from the line's beginning, y upwards. */
interface Run {
  font: string;
  x: number;
  y: number;
  /** Escaped for a literal string. */
  glyphs: string;
  says: string | null;
}

function runsOf({ text, weight }: OwnText, typeCase: TypeCase): Run[] {
  const runs: Run[] = [];
  let [pen, open] = [0, null as Run | null];
  for (const cluster of clustersOf(text)) {
    const type = typeCase(weight, cluster);
    const [show] = type.shows;
    if (show && isPlain(type)) {
      if (open?.font !== show.font) {
        open = { font: show.font, x: pen, y: 0, glyphs: '', says: null };
        runs.push(open);
      }
      open.glyphs += escaped(show.glyphs);
    } else {
      open = null;
      // What the whole says is said once, with its first part.
      runs.push(
        ...type.shows.map(({ font, dx, dy, glyphs }, i) => {
          const says = i === 0 ? type.says : '';
          return { font, x: pen + dx, y: dy, glyphs: escaped(glyphs), says };
        }),
      );
    }
    pen += type.width;
  }
  return runs;
}

/** Whether it is one run of glyphs at its place that says what it is. */
const isPlain = ({ shows, says }: Type): boolean =>
  says === null && shows.length === 1 && shows[0]?.dx === 0 && shows[0].dy === 0;

/** Glyphs that stand for something else than their font says (ISO 32000-1 §14.9.4): a name's own form of a character. */
function spanOf(says: string, glyphs: string): string {
  const utf16 = Buffer.from(`\ufeff${says}`, 'utf16le').swap16().toString('hex');
  return `/Span<</ActualText<${utf16}>>>BDC(${glyphs})Tj EMC\n`;
}

/** A carriage return would be read as a line feed. */
function escaped(glyphs: Uint8Array): string {
  return Buffer.from(glyphs)
    .toString('latin1')
    .replace(/[\\()\r]/g, (character) => (character === '\r' ? '\\r' : `\\${character}`));
}
