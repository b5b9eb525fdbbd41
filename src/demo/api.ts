/** An answer of the service that is not a success, with its problem document. */
export class ProblemError extends Error {
  readonly status: number;
  readonly problem: unknown;

  constructor(call: string, status: number, problem: unknown) {
    super(`${call} was answered ${status}:\n${JSON.stringify(problem, null, 2)}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The service's HTTP interface as one user sees it. */
export interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: object | FormData): Promise<T>;
  patch<T>(path: string, body: object): Promise<T>;
  /** Hands in a mail as it came. */
  postMail(path: string, mail: string): Promise<void>;
  /** The body of a file as it comes. */
  download(path: string): Promise<Response>;
  as(apiKey: string): Api;
}

/** Calls end with `signal`. Every answer outside 2xx is a `ProblemError`. */
export function makeApi(baseUrl: string, apiKey: string, signal: AbortSignal): Api {
  const call = async (method: string, path: string, body?: object | FormData | string): Promise<Response> => {
    const isMail = typeof body === 'string';
    const isForm = body instanceof FormData;
    const headers: Record<string, string> = { authorization: `Bearer ${apiKey}` };
    if (body && !isForm) headers['content-type'] = isMail ? 'message/rfc822' : 'application/json';
    const init: RequestInit = { method, headers, signal };
    if (body) init.body = isForm || isMail ? body : JSON.stringify(body);
    const response = await fetch(new URL(path, baseUrl), init);
    if (!response.ok) throw new ProblemError(`${method} ${path}`, response.status, await readBody(response));
    return response;
  };
  return {
    get: async <T>(path: string) => (await readBody(await call('GET', path))) as T,
    post: async <T>(path: string, body?: object | FormData) => (await readBody(await call('POST', path, body))) as T,
    patch: async <T>(path: string, body: object) => (await readBody(await call('PATCH', path, body))) as T,
    postMail: async (path, mail) => void (await call('POST', path, mail)),
    download: (path) => call('GET', path),
    as: (otherKey) => makeApi(baseUrl, otherKey, signal),
  };
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface ListAnswer {
  id: string;
  status: string;
  problem: unknown;
  rows: { total: number; accepted: number; merged: number; quarantined: number };
  persons: number;
  exposures: number;
  reasons: Record<string, number>;
}

export interface NoticeAnswer {
  id: string;
  status: string;
  pausedBecause: unknown;
  digest: string | null;
  persons: number | null;
  problems: { code: string; severity: string; message: string; count: number }[];
}

export interface NoticeStats {
  noticeId: string;
  status: string;
  balanced: boolean;
  simulated: boolean;
  persons: Record<'total' | 'reached' | 'inProgress' | 'unreached' | 'excluded', number>;
  email: Record<EmailState | 'total', number>;
  letter: Record<LetterState | 'total', number>;
  pace: { lastMinute: number };
  reports: Record<'bounce' | 'delay' | 'complaint', number>;
}

type EmailState =
  | 'pending'
  | 'claimed'
  | 'submitting'
  | 'submitted'
  | 'deferred'
  | 'uncertain'
  | 'bounced'
  | 'complained'
  | 'confirmed'
  | 'suppressed'
  | 'cancelled';

type LetterState = 'pending' | 'rendered' | 'handedOver' | 'posted' | 'returned' | 'unprintable' | 'cancelled';

export interface IncidentStats {
  persons: number;
  exposures: { total: number };
}

export interface LetterBatch {
  id: string;
  number: number;
  letters: number;
  pages: number;
  state: string;
  sha256: string | null;
  weightGrams: number | null;
}
