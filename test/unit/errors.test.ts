import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';

const root = new URL('../../', import.meta.url);

async function sources(): Promise<string> {
  const dir = fileURLToPath(new URL('src/', root));
  const names = (await readdir(dir, { recursive: true })).filter(
    (name) => name.endsWith('.ts') && name !== 'errors.ts',
  );
  return (await Promise.all(names.map((name) => readFile(`${dir}${name}`, 'utf8')))).join('\n');
}

describe('the error codes', () => {
  it('are explained in docs/errors.md with their status, and nothing else is', async () => {
    const page = await readFile(new URL('docs/errors.md', root), 'utf8');
    const documented = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| [^|]+ \| [^|]+ \|$/gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    const known = Object.entries(errorCodes).map(([code, [status]]) => `${code} ${status}`);
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('are each used somewhere', async () => {
    const text = await sources();
    const unused = Object.keys(errorCodes).filter((code) => !text.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });
});
