import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Blobs, bytesAsSource, fileBlobs } from '../../../src/vault/blobs.ts';
import { type IncidentVault, makeVault } from '../../../src/vault/vault.ts';

const FRAME = 64 * 1024;
let dir: string;
let blobs: Blobs;
let vault: IncidentVault;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'owabi-blobs-'));
  blobs = fileBlobs(dir);
  const keys = new Map<string, Buffer>();
  const store = {
    insert: async (id: string, wrapped: Buffer) => void keys.set(id, wrapped),
    find: async (id: string) => keys.get(id) ?? null,
  };
  const all = makeVault({ masterKey: randomBytes(32).toString('base64'), keys: store });
  await all.createDataKey(store, 'incident');
  vault = await all.forIncident('incident');
});
afterAll(() => rm(dir, { recursive: true }));

const from = (name: string, start?: number) => buffer(blobs.get(name, vault, start));

describe('a sealed file', () => {
  it.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME, 5 * FRAME + 77])(
    'of %i bytes is read from any offset',
    async (size) => {
      const bytes = randomBytes(size);
      await blobs.put('any', bytesAsSource(bytes), vault);
      expect((await from('any')).equals(bytes)).toBe(true);
      for (const start of [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, size - 1, size, size + 1, size + 9 * FRAME]) {
        if (start < 0) continue;
        expect((await from('any', start)).equals(bytes.subarray(start)), `from ${start}`).toBe(true);
      }
    },
  );

  it('is opened from the frame that is asked for, and no earlier one', async () => {
    const bytes = randomBytes(5 * FRAME);
    await blobs.put('part', bytesAsSource(bytes), vault);
    const sealed = await readFile(join(dir, 'part'));
    // The second frame is spoilt; the length of the first stays readable.
    const frameBytes = 4 + sealed.readUInt32BE(0);
    sealed.fill(0, frameBytes + 100, frameBytes + 200);
    await writeFile(join(dir, 'part'), sealed);
    expect((await from('part', 2 * FRAME)).equals(bytes.subarray(2 * FRAME))).toBe(true);
    await expect(from('part', FRAME)).rejects.toThrow();
    await expect(from('part')).rejects.toThrow();
  });

  it('is known to be cut off, wherever it is read from', async () => {
    await blobs.put('cut', bytesAsSource(randomBytes(5 * FRAME)), vault);
    const sealed = await readFile(join(dir, 'cut'));
    const frameBytes = 4 + sealed.readUInt32BE(0);
    for (const length of [sealed.length - 1, 4 * frameBytes, 4 * frameBytes + 3, frameBytes, 2, 0]) {
      await truncate(join(dir, 'cut'), length);
      for (const start of [0, FRAME, 3 * FRAME, 5 * FRAME, 9 * FRAME]) {
        await expect(from('cut', start), `${length} bytes, from ${start}`).rejects.toThrow();
      }
    }
  });

  it('opens nothing before it is read', async () => {
    const stream = blobs.get('never', vault);
    stream.destroy();
    expect(await readdir(dir)).not.toContain('never');
    await expect(from('never')).rejects.toThrow('ENOENT');
  });
});
