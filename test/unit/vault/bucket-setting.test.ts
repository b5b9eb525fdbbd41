import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { readBucketSetting } from '../../../src/vault/bucket/bucket-setting.ts';

const read = (given: string) => {
  const problems: string[] = [];
  return { setting: readBucketSetting('BLOB_URL', given, problems), problems };
};

describe('the setting of a bucket', () => {
  it('says where it is and which key opens it', () => {
    expect(read('s3://AKIA:Se%2FCr+et%25@my-bucket/owabi/blobs/?region=ap-northeast-1')).toEqual({
      setting: {
        ...{ endpoint: 'https://s3.ap-northeast-1.amazonaws.com', region: 'ap-northeast-1' },
        ...{ bucket: 'my-bucket', prefix: 'owabi/blobs/', accessKeyId: 'AKIA', secretAccessKey: 'Se/Cr+et%' },
      },
      problems: [],
    });
    expect(read('s3://a:b@bucket?endpoint=http://minio:9000').setting).toMatchObject({
      ...{ endpoint: 'http://minio:9000', region: 'us-east-1', prefix: '' },
    });
  });

  it.each([
    ['s3://AKIA:Se/Cret@bucket?region=x', 'written %2F'],
    ['s3://bucket/prefix?region=x', 'access key'],
    ['s3://AKIA:Se%Cret@bucket?region=x', '%25'],
    ['s3://AKIA:SeCret@Bucket?region=x', 'name a bucket'],
    ['s3://AKIA:SeCret@bucket/a b?region=x', 'prefix'],
    ['s3://AKIA:SeCret@bucket/a', 'region'],
    ['s3://AKIA:SeCret@bucket/a?region=x/y', 'region'],
    ['s3://AKIA:SeCret@bucket/a?endpoint=minio:9000', 'endpoint'],
    ['s3://AKIA:SeCret@bucket/a?endpoint=https://minio/path', 'endpoint'],
    ['s3://AKIA:SeCret@bucket/a?region=x&regon=y', 'regon'],
  ])('is refused with a sentence that does not tell the secret: %s', (given, word) => {
    const { setting, problems } = read(given);
    expect(setting).toBe(null);
    expect(problems).toEqual([expect.stringMatching(/^BLOB_URL /)]);
    expect(problems[0]).toContain(word);
    expect(problems[0]).not.toMatch(/AKIA|Cret/);
  });

  it('takes the place of the folder, for one machine or many', () => {
    const BLOB_URL = 's3://a:b@bucket?endpoint=http://minio:9000';
    expect(readConfig({ BLOB_URL }).blobBucket).toMatchObject({ bucket: 'bucket' });
    const DATABASE_URL = 'postgres://x@localhost/x';
    const split = { ROLES: 'api', DATABASE_URL, MASTER_KEY: Buffer.alloc(32).toString('base64') };
    expect(readConfig({ ...split, BLOB_URL }).blobBucket).not.toBe(null);
    expect(() => readConfig({ ...split, BLOB_URL: 's3://bucket' })).toThrow(/^BLOB_URL must name an access key[^\n]+$/);
    expect(() => readConfig({ BLOB_URL: 'http://x' })).toThrow('file:// or s3://');
  });
});
