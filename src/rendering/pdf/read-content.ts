/**
 * Runs the drawing operators of a page or a form and notes what they print (ISO 32000-1, Annex A). Clipping is not
 * applied: ink that a clip would hide counts. What may hide it, clips and what is painted over it, is noted beside it.
 */
import { BLACK, contrastOnWhite, type Rgb, rgbOf } from './colour.ts';
import { type Box, combine, Extent, type Ink, type Matrix, type PlacedForm } from './ink.ts';
import { CLOSE, CURVE, endPath, LINE, MOVE, paintPath } from './path-ink.ts';
import type { PdfFont } from './pdf-font.ts';
import { showText } from './text-ink.ts';
import { type Dict, latin1, Name, PdfProblem, Tokens, type Value, Word } from './tokens.ts';

/** What a content stream may name, from its resources. */
export interface Resources {
  /** @throws PdfProblem */
  font(name: string): PdfFont;
  /** A shared drawing, read at this place; null for a picture, which fills the unit square. @throws PdfProblem */
  form(name: string, matrix: Matrix): PlacedForm | null;
  /** Of what is filled, as a named graphics state sets it, from 0 to 1; null when it does not. @throws PdfProblem */
  opacity(name: string): number | null;
}

export interface State {
  matrix: Matrix;
  /** null: a pattern. */
  fill: Rgb | null;
  stroke: Rgb | null;
  /** Of what is filled, from 0 to 1. */
  opacity: number;
  /** Around what may be seen; null: everything. */
  clip: Box | null;
  lineWidth: number;
  font: PdfFont | null;
  size: number;
  charSpacing: number;
  wordSpacing: number;
  /** As a share: 1 is as wide as the font says. */
  stretch: number;
  leading: number;
  rise: number;
  /** 3 is invisible, 7 only clips. */
  renderMode: number;
}

export interface Reading {
  state: State;
  stack: State[];
  /** Flat: kind, x, y of each part. */
  path: number[];
  /** Whether the path becomes a clip once it is painted. */
  clipping: boolean;
  /** Where the next glyph goes, and where its line began. */
  text: Matrix;
  line: Matrix;
  ink: Ink;
  resources: Resources;
  /** Text that stands for what is shown until the mark ends; null: what is shown stands for itself. */
  marked: (string | null)[];
}

/** @param matrix from the content's space to mm from the upper left corner. @throws PdfProblem for anything unknown */
export function readContent(content: Uint8Array, resources: Resources, matrix: Matrix): Ink {
  const reading: Reading = {
    ...{ state: initialState(matrix), stack: [], path: [], clipping: false, text: IDENTITY, line: IDENTITY },
    ...{ resources, marked: [], ink: noInk() },
  };
  const tokens = new Tokens(content);
  // One list for all: an operator takes what it needs out of it.
  const operands: Value[] = [];
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    if (!(token instanceof Word)) {
      operands.push(token);
      continue;
    }
    const operate = OPERATORS[token.word];
    if (!operate) throw new PdfProblem(`the operator ${token.word}`);
    operate(reading, operands as never);
    operands.length = 0;
  }
  if (reading.stack.length > 0) throw new PdfProblem('q without Q');
  return reading.ink;
}

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

const noInk = (): Ink => ({
  ...{ texts: [], rectangles: [], leastContrast: contrastOnWhite(BLACK, 1), marks: [] },
  ...{ forms: [], formsOnTop: false, covers: [], clips: false },
});

function initialState(matrix: Matrix): State {
  return {
    ...{
      matrix,
      fill: BLACK,
      stroke: BLACK,
      opacity: 1,
      clip: null,
      lineWidth: 1,
      font: null,
      size: 0,
      charSpacing: 0,
    },
    ...{ wordSpacing: 0, stretch: 1, leading: 0, rise: 0, renderMode: 0 },
  };
}

type Operator = (reading: Reading, operands: number[]) => void;

const nothing: Operator = () => undefined;

const add = (reading: Reading, kind: number, x: number, y: number): void => {
  reading.path.push(kind, x, y);
};

const PATHS: Record<string, Operator> = {
  m: (reading, [x = 0, y = 0]) => add(reading, MOVE, x, y),
  l: (reading, [x = 0, y = 0]) => add(reading, LINE, x, y),
  // The curve lies within its control points.
  c: (reading, points) => curve(reading, points),
  v: (reading, points) => curve(reading, points),
  y: (reading, points) => curve(reading, points),
  h: (reading) => add(reading, CLOSE, 0, 0),
  re: (reading, [x = 0, y = 0, width = 0, height = 0]) => {
    add(reading, MOVE, x, y);
    add(reading, LINE, x + width, y);
    add(reading, LINE, x + width, y + height);
    add(reading, LINE, x, y + height);
    add(reading, CLOSE, 0, 0);
  },
  W: (reading) => {
    reading.clipping = true;
  },
  'W*': (reading) => {
    reading.clipping = true;
  },
  n: endPath,
  f: (reading) => paintPath(reading, { fill: true, stroke: false }),
  F: (reading) => paintPath(reading, { fill: true, stroke: false }),
  'f*': (reading) => paintPath(reading, { fill: true, stroke: false }),
  S: (reading) => paintPath(reading, { fill: false, stroke: true }),
  s: (reading) => paintPath(reading, { fill: false, stroke: true }),
  B: (reading) => paintPath(reading, { fill: true, stroke: true }),
  'B*': (reading) => paintPath(reading, { fill: true, stroke: true }),
  b: (reading) => paintPath(reading, { fill: true, stroke: true }),
  'b*': (reading) => paintPath(reading, { fill: true, stroke: true }),
};

function curve(reading: Reading, points: number[]): void {
  for (let i = 0; i + 1 < points.length; i += 2) add(reading, CURVE, points[i] as number, points[i + 1] as number);
}

const setFill: Operator = ({ state }, colour) => {
  state.fill = colourOf(colour);
};
const setStroke: Operator = ({ state }, colour) => {
  state.stroke = colourOf(colour);
};

/** Black is one object, so that it is known at a glance. */
function colourOf(parts: number[]): Rgb | null {
  const colour = rgbOf(parts);
  return colour?.every((part) => part === 0) ? BLACK : colour;
}

const GRAPHICS: Record<string, Operator> = {
  q: (reading) => {
    reading.stack.push({ ...reading.state });
  },
  Q: (reading) => {
    const state = reading.stack.pop();
    if (!state) throw new PdfProblem('Q without q');
    reading.state = state;
  },
  cm: ({ state }, matrix) => {
    state.matrix = combine(matrixOf(matrix), state.matrix);
  },
  w: ({ state }, [width = 0]) => {
    state.lineWidth = width;
  },
  // A new colour space begins with black.
  cs: ({ state }) => {
    state.fill = BLACK;
  },
  CS: ({ state }) => {
    state.stroke = BLACK;
  },
  ...{ sc: setFill, scn: setFill, g: setFill, rg: setFill, k: setFill },
  ...{ SC: setStroke, SCN: setStroke, G: setStroke, RG: setStroke, K: setStroke },
  ...{ J: nothing, j: nothing, M: nothing, d: nothing, ri: nothing, i: nothing },
  gs: ({ state, resources }, [name]) => {
    state.opacity = resources.opacity(nameOf(name)) ?? state.opacity;
  },
  Do: (reading, [name]) => {
    const { state, ink, resources } = reading;
    const form = resources.form(nameOf(name), state.matrix);
    if (form) {
      ink.formsOnTop ||= ink.texts.length + ink.rectangles.length + ink.marks.length > 0;
      ink.forms.push(form);
      return;
    }
    const extent = new Extent();
    extent.addBox(state.matrix, { left: 0, bottom: 0, right: 1, top: 1 });
    ink.marks.push(extent.box() as NonNullable<ReturnType<Extent['box']>>);
  },
};

const TEXT: Record<string, Operator> = {
  BT: (reading) => {
    reading.text = IDENTITY;
    reading.line = IDENTITY;
  },
  ET: nothing,
  Tf: ({ state, resources }, [name, size]) => {
    state.font = resources.font(nameOf(name));
    state.size = Number(size);
  },
  Tr: ({ state }, [mode = 0]) => {
    state.renderMode = mode;
  },
  Tc: ({ state }, [spacing = 0]) => {
    state.charSpacing = spacing;
  },
  Tw: ({ state }, [spacing = 0]) => {
    state.wordSpacing = spacing;
  },
  Tz: ({ state }, [percent = 100]) => {
    state.stretch = percent / 100;
  },
  TL: ({ state }, [leading = 0]) => {
    state.leading = leading;
  },
  Ts: ({ state }, [rise = 0]) => {
    state.rise = rise;
  },
  Tm: (reading, matrix) => {
    reading.line = [...matrixOf(matrix)] as unknown as Matrix;
    reading.text = reading.line;
  },
  Td: (reading, [x = 0, y = 0]) => newLine(reading, x, y),
  TD: (reading, [x = 0, y = 0]) => {
    reading.state.leading = -y;
    newLine(reading, x, y);
  },
  'T*': (reading) => newLine(reading, 0, -reading.state.leading),
  Tj: (reading, operands) => showText(reading, operands as unknown as Value[]),
  TJ: (reading, [pieces]) => showText(reading, pieces as unknown as Value[]),
};

function newLine(reading: Reading, x: number, y: number): void {
  reading.line = combine([1, 0, 0, 1, x, y], reading.line);
  reading.text = reading.line;
}

const MARKS: Record<string, Operator> = {
  ...{ MP: nothing, DP: nothing },
  BMC: ({ marked }) => {
    marked.push(null);
  },
  BDC: ({ marked }, [, properties]) => {
    marked.push(actualText(properties as unknown));
  },
  EMC: ({ marked }) => {
    if (marked.pop() === undefined) throw new PdfProblem('EMC without BMC');
  },
};

/** What the marked glyphs stand for when they cannot say it themselves (ISO 32000-1 §14.9.4). @throws PdfProblem */
export function actualText(properties: unknown): string | null {
  const text = properties instanceof Map ? (properties as Dict).get('ActualText') : undefined;
  if (!(text instanceof Uint8Array)) return null;
  // PDFDocEncoding, of which ASCII is enough (ISO 32000-1 §7.9.2).
  if (text.every((byte) => byte >= 0x20 && byte < 0x7f)) return latin1(text);
  if (text[0] !== 0xfe || text[1] !== 0xff) throw new PdfProblem('replacement text in another encoding');
  return Buffer.from(text.subarray(2)).swap16().toString('utf16le');
}

const OPERATORS: Record<string, Operator> = { ...PATHS, ...GRAPHICS, ...TEXT, ...MARKS };

function matrixOf(operands: number[]): Matrix {
  if (operands.length !== 6) throw new PdfProblem('a matrix that is not one');
  return operands as unknown as Matrix;
}

function nameOf(operand: unknown): string {
  if (!(operand instanceof Name)) throw new PdfProblem('an operator without its name');
  return operand.name;
}
