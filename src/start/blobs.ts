import type { Config } from '../config.ts';
import { type Blobs, bucketBlobs, fileBlobs } from '../vault/blobs.ts';
import { openBucket } from '../vault/bucket/bucket.ts';
import { probeBucket } from '../vault/bucket/probe-bucket.ts';

/** With its four tries the start waits about as long as for the database. */
const PATIENCE_MS = 2_500;

/** Where uploads and letter files lie. A bucket is tried first. @throws Error with a sentence for the operator */
export async function openBlobs({ blobBucket, blobDir }: Pick<Config, 'blobBucket' | 'blobDir'>): Promise<Blobs> {
  if (blobBucket === null) return fileBlobs(blobDir);
  await probeBucket(openBucket(blobBucket, PATIENCE_MS)).catch((error: Error) => {
    throw new Error(`BLOB_URL: ${error.message}`);
  });
  return bucketBlobs(openBucket(blobBucket));
}
