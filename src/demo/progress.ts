import { stripVTControlCharacters } from 'node:util';

const WIDTH = 28;
const PLAIN_EVERY_MS = 2000;

/** Where the demo speaks: a terminal gets bars that move, anything else plain lines. */
export interface Stage {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface Progress {
  /** Shows `done` of `total` things of the current step. */
  show(label: string, done: number, total: number, note?: string): void;
  /** Ends the current step's line. */
  finish(): void;
  say(text: string): void;
}

export function makeProgress(stage: Stage, now: () => number): Progress {
  let open = '';
  let lastPlain = Number.NEGATIVE_INFINITY;
  const show = (label: string, done: number, total: number, note = '') => {
    const line = `${label.padEnd(30)} ${bar(done, total)} ${count(done)} of ${count(total)} ${note}`.trimEnd();
    if (line === open) return;
    if (stage.isTTY) stage.write(`\r\u001b[K${line}`);
    else if (now() - lastPlain >= PLAIN_EVERY_MS) {
      lastPlain = now();
      stage.write(`${line}\n`);
      open = '';
      return;
    }
    open = line;
  };
  const finish = () => {
    if (open !== '') stage.write(stage.isTTY ? '\n' : `${open}\n`);
    open = '';
    lastPlain = Number.NEGATIVE_INFINITY;
  };
  const say = (text: string) => {
    finish();
    stage.write(`${stage.isTTY ? text : stripVTControlCharacters(text)}\n`);
  };
  return { show, finish, say };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.min(WIDTH, Math.floor((done / total) * WIDTH));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
}

export function count(figure: number): string {
  return figure.toLocaleString('en');
}
