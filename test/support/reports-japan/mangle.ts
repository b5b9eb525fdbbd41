import { Buffer } from 'node:buffer';

/** Draws numbers below a bound; the same seed draws the same. */
export type Draw = (below: number) => number;

/** Mulberry32: a seed of 32 bits, numbers that look as if they were by chance. */
export function drawing(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Mangle = (bytes: Buffer, draw: Draw) => Buffer;

const text = (bytes: Buffer) => bytes.toString('latin1');
const bytesOf = (changed: string) => Buffer.from(changed, 'latin1');
const pick = <T>(many: readonly T[], draw: Draw) => many[draw(many.length)] as T;

const CHARSETS = [
  'us-ascii',
  'utf-8',
  'utf-16',
  'iso-2022-jp',
  'shift_jis',
  'euc-jp',
  'utf-7',
  'x-none',
  '',
  '"',
  "utf-8''",
];
const TRANSFERS = ['7bit', '8bit', 'base64', 'quoted-printable', 'binary', 'x-uuencode', ''];
const TYPES = [
  'text/plain',
  'text/html',
  'message/rfc822',
  'multipart/mixed',
  'message/delivery-status',
  'multipart/report',
  'x',
];

const truncated: Mangle = (bytes, draw) => bytes.subarray(0, draw(bytes.length + 1));
const beheaded: Mangle = (bytes, draw) => bytes.subarray(draw(bytes.length + 1));
const holed: Mangle = (bytes, draw) => {
  const from = draw(bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + draw(400))]);
};
const flipped: Mangle = (bytes, draw) => {
  const copy = Buffer.from(bytes);
  for (let count = 1 + draw(60); count > 0 && copy.length > 0; count--) {
    const at = draw(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << draw(8));
  }
  return copy;
};
const linesSwapped: Mangle = (bytes, draw) => {
  const lines = text(bytes).split('\r\n');
  for (let count = 1 + draw(20); count > 0; count--) {
    const [a, b] = [draw(lines.length), draw(lines.length)];
    [lines[a], lines[b]] = [lines[b] as string, lines[a] as string];
  }
  return bytesOf(lines.join('\r\n'));
};
const partsSwapped: Mangle = (bytes, draw) => {
  const parts = text(bytes).split(/(?=\r\n--)/);
  const moved = parts.splice(draw(parts.length), 1);
  parts.splice(draw(parts.length + 1), 0, ...moved);
  return bytesOf(parts.join(''));
};
const relabelled: Mangle = (bytes, draw) =>
  bytesOf(text(bytes).replaceAll(/charset=[^\r\n;]*/gi, () => `charset=${pick(CHARSETS, draw)}`));
const recoded: Mangle = (bytes, draw) =>
  bytesOf(
    text(bytes).replaceAll(/(Content-Transfer-Encoding: )[^\r\n]*/gi, (_all, name) => name + pick(TRANSFERS, draw)),
  );
const retyped: Mangle = (bytes, draw) =>
  bytesOf(
    text(bytes).replaceAll(/(Content-Type: )[\w/-]+/gi, (all, name) => (draw(2) ? all : name + pick(TYPES, draw))),
  );
const doubled: Mangle = (bytes, draw) => {
  const lines = text(bytes).split('\r\n');
  const at = draw(Math.min(lines.length, 30));
  lines.splice(draw(30), 0, ...Array.from({ length: 1 + draw(50) }, () => lines[at] as string));
  return bytesOf(lines.join('\r\n'));
};
const unfolded: Mangle = (bytes) => bytesOf(text(bytes).replaceAll('\r\n', '\n'));
const oneLine: Mangle = (bytes) => bytesOf(text(bytes).replaceAll('\r\n', ' '));
const bareReturns: Mangle = (bytes) => bytesOf(text(bytes).replaceAll('\r\n', '\r'));

/** Puts a mail into another, as an attachment or as a multipart of one. */
export function nested(bytes: Buffer, depth: number, type: 'message' | 'multipart'): Buffer {
  let inner = bytes;
  for (let level = 0; level < depth; level++) {
    const head = `From: MAILER-DAEMON@example.com\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="level-${level}"\r\n\r\n--level-${level}\r\n`;
    const kind = type === 'message' ? 'Content-Type: message/rfc822\r\n\r\n' : '';
    inner = Buffer.concat([bytesOf(head + kind), inner, bytesOf(`\r\n--level-${level}--\r\n`)]);
  }
  return inner;
}

const deep: Mangle = (bytes, draw) => nested(bytes, 1 + draw(10), draw(2) ? 'message' : 'multipart');

const mangles = {
  ...{ truncated, beheaded, holed, flipped, linesSwapped, partsSwapped, relabelled, recoded, retyped },
  ...{ doubled, unfolded, oneLine, bareReturns, deep },
};

/** A mail damaged in one to four ways; `done` tells which, in their order. */
export function mangled(bytes: Buffer, draw: Draw): { bytes: Buffer; done: string } {
  const names = Object.keys(mangles) as (keyof typeof mangles)[];
  const done = Array.from({ length: 1 + draw(4) }, () => pick(names, draw));
  return { bytes: done.reduce((changed, name) => mangles[name](changed, draw), bytes), done: done.join(', ') };
}
