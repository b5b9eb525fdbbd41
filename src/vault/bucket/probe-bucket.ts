import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Bucket } from './bucket.ts';

/**
 * Does once, with an object that is removed again, all that is done in a bucket.
 * @throws BucketError; or Error when it does not give back what it was given
 */
export async function probeBucket(bucket: Bucket): Promise<void> {
  const name = `probe-${randomUUID()}`;
  // First of all writing: a refused HEAD has no body that would say why.
  await bucket.put(name, bytesOf(name));
  const found = [await bucket.exists(name), await text(bucket.read(name, 1))];
  await bucket.remove(name);
  // Without the right to list, what is not there is answered with 403.
  if (found.join() !== `true,${name.slice(1)}` || (await bucket.exists(name))) {
    throw new Error('The storage does not give back what it was given, or does not remove it.');
  }
}

async function* bytesOf(word: string): AsyncGenerator<Buffer> {
  yield Buffer.from(word);
}
