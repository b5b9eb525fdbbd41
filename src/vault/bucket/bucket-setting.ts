/** A bucket of S3-compatible storage, where in it our objects lie, and the key that opens it. */
export interface BucketSetting {
  /** Scheme, host and port of the storage, such as `https://s3.ap-northeast-1.amazonaws.com` or `http://minio:9000`. */
  endpoint: string;
  region: string;
  bucket: string;
  /** What stands before every name: nothing, or something that ends with a slash. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** What MinIO and most others that are not Amazon's take for theirs. */
const USUAL_REGION = 'us-east-1';

/**
 * Reads `s3://key:secret@bucket/prefix?region=…&endpoint=…`.
 * @param name the setting that holds it
 * @returns null when it cannot be used; a sentence is added to `problems`, which holds nothing of the key
 */
export function readBucketSetting(name: string, given: string, problems: string[]): BucketSetting | null {
  const refuse = (sentence: string): null => {
    problems.push(`${name} ${sentence}`);
    return null;
  };
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url?.protocol !== 's3:' || url.port !== '' || url.hash !== '') {
    return refuse(
      'must be s3://key:secret@bucket/prefix?region=…; a / in the secret is written %2F, a # %23, a ? %3F.',
    );
  }
  const [accessKeyId, secretAccessKey] = [decoded(url.username), decoded(url.password)];
  if (!accessKeyId || !secretAccessKey) {
    return refuse('must name an access key and its secret: s3://key:secret@bucket/prefix; a % is written %25.');
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname)) {
    return refuse('must name a bucket: 3 to 63 small letters, digits, dots and hyphens.');
  }
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!/^[\w./-]*$/.test(path)) return refuse('has a prefix with other characters than letters, digits and . _ - /.');
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'region' && key !== 'endpoint');
  if (unknown !== undefined) return refuse(`has a parameter that is not known: ${unknown}.`);
  const region = url.searchParams.get('region');
  const endpoint = readEndpoint(url.searchParams.get('endpoint'), region);
  if (endpoint === null) {
    return refuse('needs a region (Amazon S3), or the endpoint of another storage: endpoint=https://host:port.');
  }
  return {
    ...{ endpoint, region: region || USUAL_REGION, bucket: url.hostname, prefix: path === '' ? '' : `${path}/` },
    ...{ accessKeyId, secretAccessKey },
  };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function readEndpoint(given: string | null, region: string | null): string | null {
  if (!given) return /^[a-z0-9-]+$/.test(region ?? '') ? `https://s3.${region}.amazonaws.com` : null;
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain = url?.pathname === '/' && url.search === '' && url.username === '' && url.hash === '';
  return isPlain && /^https?:$/.test(url.protocol) ? url.origin : null;
}
