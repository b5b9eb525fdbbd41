import type { PreparedLetter } from '../../src/rendering/types.ts';

/** A letter one of whose Typst files is another than was approved. */
export const changed = (file: string, from: string, to: string) => (prepared: PreparedLetter) => {
  const source = prepared.files[file] ?? '';
  if (!source.includes(from)) throw new Error(`${file} does not hold ${from}`);
  const files = { ...prepared.files, [file]: source.replace(from, to) };
  return { ...prepared, files, sha256: `${prepared.sha256} ${to}` };
};

/** Whoever is called 髙橋 has a first character that stands 3 mm too far to the left. */
export const moved = changed(
  '/type-case.typ',
  'text(weight: entry.weight, entry.cluster)',
  'box(move(dx: if entry.cluster == "髙" { -9pt } else { 0pt }, text(weight: entry.weight, entry.cluster)))',
);
