import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { openPostalData } from '../src/intake/fields/postal-data.ts';
import { referenceFrom } from '../src/intake/persons/reference.ts';
import { barcodeFor } from '../src/rendering/barcode/barcode-for.ts';
import { inFullData } from '../src/rendering/imposition/in-full.ts';
import type { LetterSheet } from '../src/rendering/imposition/own-parts.ts';
import { prepareLetter } from '../src/rendering/letter.ts';
import { isLetterProblem, type LetterData, layOutLetter } from '../src/rendering/letter-layout.ts';
import { footAdvances, makeLetterPress } from '../src/rendering/letter-press.ts';
import { loadTemplates } from '../src/rendering/load-templates.ts';
import type { PreparedLetter, RenderPerson } from '../src/rendering/types.ts';
import { residentMegabytes } from './process-figures.ts';

const THREADS = 1;
const PER_BATCH = 1000;
/** The loops' speed does not depend on how many there are: they are cut short, and said so. */
const MOST_IN_FULL = 500;
const MOST_ALONE = 200;
const PAGES = 2;

interface Run {
  name: string;
  letters: number;
  seconds: number;
  bytes: number;
  /** Resident memory after each fifth, in MB. */
  memory: number[];
}

/**
 * Two-page Japanese letters with barcodes through the press, read back and not, beside Typst as one would use it: one
 * compile for a batch that typesets every letter in full, and one compile per letter. `npm run bench -- letters [n]`
 */
export async function benchLetters([count = '9822']: string[]): Promise<void> {
  const prepared = await twoPageLetter();
  const wanted = Number(count);
  const runs = [
    await runPress('owabi, all letters checked', prepared, wanted, true),
    await runPress('owabi, no checks', prepared, wanted, false),
    runInFull(prepared, persons(0, Math.min(wanted, MOST_IN_FULL))),
    runAlone(prepared, persons(0, Math.min(wanted, MOST_ALONE))),
  ];
  print(runs, wanted);
}

async function twoPageLetter(): Promise<PreparedLetter> {
  const postal = openPostalData(null);
  const templates = await loadTemplates(fileURLToPath(new URL('../templates', import.meta.url)), (person, maxWidthMm) =>
    barcodeFor({ person, postal: postal(), maxWidthMm }),
  );
  const template = templates.get('apology')?.locales.get('ja');
  if (!template) throw new Error('there is no template apology in Japanese');
  const { sampleFacts } = template;
  // The sample is of three pages: less of it is of two.
  const { measures, timeline, requests } = sampleFacts;
  const facts = {
    ...{ ...sampleFacts, prevention: [], other: [], neverAsked: [] },
    ...{ measures: measures.slice(0, 1), timeline: timeline.slice(0, 1), requests: requests.slice(0, 1) },
  };
  return prepareLetter({ template, locale: 'ja', facts, timeZone: 'Asia/Tokyo' });
}

const persons = (first: number, count: number): RenderPerson[] =>
  Array.from({ length: count }, (_, i) => personOf(first + i));

function personOf(i: number): RenderPerson {
  const random = Buffer.alloc(8);
  for (let at = 0, rest = i; at < 8; at++, rest = Math.floor(rest / 32)) random[at] = rest % 32;
  const kanji = [...'田中山本高橋佐藤鈴木渡辺伊東花子太郎一二三四五六七八九十'];
  const name = [1, 7, 49, 343].map((step) => kanji[Math.floor(i / step) % kanji.length]).join('');
  return {
    ...{ reference: referenceFrom(random), name, honorific: null, company: null, department: null, country: 'JP' },
    ...{ postalCode: '1000013', addressLines: [`東京都千代田区霞が関${1 + (i % 3)}丁目${1 + (i % 30)}番${1 + i}号`] },
    exposures: [{ kind: 'card', units: 1, brand: 'VISA', last4: String(1000 + (i % 9000)) }],
  };
}

async function runPress(name: string, prepared: PreparedLetter, letters: number, check: boolean): Promise<Run> {
  const press = makeLetterPress({ threads: THREADS });
  // Fonts are read before: once per process, not per batch.
  await press.typeset({ prepared, persons: persons(0, 50), check });
  const memory: number[] = [];
  let [bytes, taken, done] = [0, 0, 0];
  const started = performance.now();
  const work = async (): Promise<void> => {
    while (taken < letters) {
      const batch = persons(taken, Math.min(PER_BATCH, letters - taken));
      taken += batch.length;
      const { pdf, letters: places, checks } = await press.typeset({ prepared, persons: batch, check });
      if (places[0]?.pages !== PAGES) throw new Error(`a letter has ${places[0]?.pages} pages`);
      const bad = checks.find(({ findings }) => findings.length > 0);
      if (bad || checks.length !== (check ? batch.length : 0))
        throw new Error(`a letter failed: ${JSON.stringify(bad?.findings)}`);
      bytes += pdf.length;
      done += batch.length;
      while (memory.length < Math.floor((done / letters) * 5)) memory.push(await residentMegabytes(process.pid));
    }
  };
  // Two on the way: one is laid out while the other is typeset.
  await Promise.all([work(), work()]);
  const seconds = (performance.now() - started) / 1000;
  await press.close();
  return { name, letters, seconds, bytes, memory };
}

/** Every letter typeset, text and all, in one document. */
const IN_FULL = `#import "/overlay.typ": data, own-parts
#for letter in data.letters {
  set page(foreground: context own-parts(letter.at(counter(page).get().first() - 1)))
  counter(page).update(1)
  include "/letter.typ"
  pagebreak(weak: true, to: "odd")
}`;

function runInFull(prepared: PreparedLetter, persons: RenderPerson[]): Run {
  const typst = compilerFor(prepared);
  typst.mapShadow('/main.typ', Buffer.from(IN_FULL));
  const letters = lettersOf(prepared, persons);
  compile(typst, prepared, letters.slice(0, 1), '/main.typ');
  const started = performance.now();
  const bytes = compile(typst, prepared, letters, '/main.typ');
  return { name: 'one compile for a batch in full', letters: persons.length, ...timed(started), bytes, memory: [] };
}

function runAlone(prepared: PreparedLetter, persons: RenderPerson[]): Run {
  const typst = compilerFor(prepared);
  const letters = lettersOf(prepared, persons);
  compile(typst, prepared, letters.slice(0, 1), '/archive.typ');
  const started = performance.now();
  const bytes = letters.reduce((sum, letter) => sum + compile(typst, prepared, [letter], '/archive.typ'), 0);
  return { name: 'one compile per letter', letters: persons.length, ...timed(started), bytes, memory: [] };
}

const timed = (started: number): Pick<Run, 'seconds'> => ({ seconds: (performance.now() - started) / 1000 });

function lettersOf(prepared: PreparedLetter, persons: RenderPerson[]): LetterData[] {
  return persons.map((person) => {
    const layout = layOutLetter(prepared, person);
    if (isLetterProblem(layout)) throw new Error(layout.reason);
    return layout;
  });
}

function compilerFor({ files, fonts }: PreparedLetter): NodeCompiler {
  const fontBlobs = fonts.paths.map((path) => readFileSync(path));
  const typst = NodeCompiler.create({ workspace: '/', fontArgs: [{ fontBlobs }] });
  for (const [path, content] of Object.entries(files)) typst.mapShadow(path, Buffer.from(content));
  return typst;
}

function sheetOf(prepared: PreparedLetter): LetterSheet {
  const labels = JSON.parse(prepared.files['/labels.json'] ?? '{}');
  return { profile: prepared.profile, labels, advances: footAdvances(prepared), pages: PAGES };
}

/** @returns bytes of the PDF */
function compile(typst: NodeCompiler, prepared: PreparedLetter, letters: LetterData[], mainFilePath: string): number {
  typst.mapShadow('/letters.json', Buffer.from(inFullData(prepared.locale, letters, sheetOf(prepared))));
  const { result } = typst.compile({ mainFilePath });
  if (!result) throw new Error('a letter cannot be typeset');
  const { length } = typst.pdf(result, { pdfTags: false });
  typst.evictCache(10);
  return length;
}

function print(runs: Run[], wanted: number): void {
  const rate = ({ letters, seconds }: Run): number => letters / seconds;
  const [checked, unchecked, inFull, alone] = runs as [Run, Run, Run, Run];
  process.stdout.write(`\n${''.padEnd(34)} letters  letters/s  bytes each  for ${wanted}\n`);
  for (const run of runs) {
    const cells = [run.letters, Math.round(rate(run)), Math.round(run.bytes / run.letters)].map(String);
    const seconds = `${(wanted / rate(run)).toFixed(1)} s${run.letters < wanted ? ' (extrapolated)' : ''}`;
    process.stdout.write(
      `${run.name.padEnd(34)} ${cells[0]?.padStart(7)} ${cells[1]?.padStart(10)} ${cells[2]?.padStart(11)}  ${seconds}\n`,
    );
  }
  const times = (a: Run, b: Run): string => (rate(a) / rate(b)).toFixed(1);
  process.stdout.write(
    [
      `\nbeside a batch in full: ${times(unchecked, inFull)} times without checks, ${times(checked, inFull)} times with them`,
      `beside a compile per letter: ${times(unchecked, alone)} and ${times(checked, alone)} times`,
      `Typst by itself uses what cores it can; the press has ${THREADS} thread, beside the one that lays out`,
      `memory at each fifth: ${checked.memory.join(', ')} MB with checks, ${unchecked.memory.join(', ')} MB without\n`,
    ].join('\n'),
  );
}
