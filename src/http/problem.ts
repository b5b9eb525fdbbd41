import { type ErrorCode, errorCodes, OwabiError } from '../errors.ts';
import { isOutage } from './outage.ts';
import { type Finding, fieldErrors } from './validation-errors.ts';

/** What is answered instead of the result: a problem document and its headers. */
interface ProblemAnswer {
  status: number;
  headers: Record<string, string>;
  body: { type: string; title: string; status: number; detail: string; code: ErrorCode; requestId: string };
}

/** Seconds after which a client may try again when the database or the queue was away. */
const RETRY_AFTER_SECONDS = '5';

interface HttpError {
  code?: string;
  statusCode?: number;
  validation?: Finding[];
  validationContext?: string;
}

/**
 * The problem document (RFC 9457) of anything that can be thrown while a request is served. Only an `OwabiError` shows
 * its own words: the messages of others may hold the data at hand.
 */
export function problemAnswer(error: unknown, requestId: string): ProblemAnswer {
  const { code, message: detail, extra } = asOwabiError(error);
  const [status, title] = errorCodes[code];
  const headers: Record<string, string> = {};
  if (code === 'unavailable') headers['retry-after'] = RETRY_AFTER_SECONDS;
  if (typeof extra.retryAfter === 'number') headers['retry-after'] = String(extra.retryAfter);
  if (code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="owabi"';
  return {
    status,
    headers,
    body: { ...extra, type: `urn:owabi:error:${code}`, title, status, detail, code, requestId },
  };
}

/** Reads any thrown thing as one of our errors; what nobody foresaw is `internal`. */
function asOwabiError(error: unknown): OwabiError {
  if (error instanceof OwabiError) return error;
  if (isOutage(error)) return new OwabiError('unavailable');
  const { code, statusCode, validation, validationContext } = (error ?? {}) as HttpError;
  if (validation) return invalid(validation, validationContext);
  if (isUnstorableText(code)) return new OwabiError('bad_request', 'A text holds a NUL character.');
  if (isUnstorableTime(code)) return new OwabiError('bad_request', 'A time or date lies outside what can be kept.');
  if (isFromFramework(error, code)) return new OwabiError(codeOfStatus(statusCode));
  return new OwabiError('internal');
}

function invalid(validation: Finding[], context: string | undefined): OwabiError {
  // What has not the form of an id names nothing.
  if (context === 'params') return new OwabiError('not_found');
  const errors = fieldErrors(validation);
  const where = errors.map((error) => `${error.path || 'the whole'} ${error.message}`).join('; ');
  return context === 'body'
    ? new OwabiError('invalid_body', `In the body: ${where}.`, { errors })
    : new OwabiError('bad_request', `In the ${context ?? 'request'}: ${where}.`, { errors });
}

// PostgreSQL keeps no NUL, neither in text (22021) nor in jsonb (22P05).
function isUnstorableText(code: unknown): boolean {
  return code === '22021' || code === '22P05';
}

// What the format lets pass and PostgreSQL does not: the year 0 (22007, 22008), an offset of 16 hours or more (22009).
function isUnstorableTime(code: unknown): boolean {
  return code === '22007' || code === '22008' || code === '22009';
}

/** Fastify's own refusals, and those of its parsers: a SyntaxError with a status for JSON that is none. */
function isFromFramework(error: unknown, code: unknown): boolean {
  if (typeof code === 'string' && code.startsWith('FST_')) return true;
  return error instanceof SyntaxError && (error as HttpError).statusCode === 400;
}

function codeOfStatus(status: number | undefined): ErrorCode {
  switch (status) {
    case 404:
      return 'not_found';
    case 413:
      return 'too_large';
    // @fastify/multipart says 406 of a body that is not multipart.
    case 406:
    case 415:
      return 'unsupported_media_type';
    case 429:
      return 'rate_limited';
    case 503:
      return 'unavailable';
    default:
      return status !== undefined && status >= 400 && status < 500 ? 'bad_request' : 'internal';
  }
}
