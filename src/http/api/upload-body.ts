import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { OwabiError } from '../../errors.ts';
import { checkMappedFields } from '../../intake/columns/columns.ts';
import { type ListKind, listKinds } from '../../intake/columns/list-kind.ts';
import { cutCardNumbers } from '../../intake/fields/card-numbers.ts';
import type { ListOptions } from '../../intake/lists/list.store.ts';
import { encodingNamed, encodings } from '../../intake/reading/encoding.ts';

/** The fields beside the file, as text. */
export interface UploadFields extends ListOptions {
  source: string;
  kind: ListKind;
  /** Of a list of holds, `YYYY-MM-DD`. */
  releaseOn: string | null;
}

const FIELD_NAMES = ['mapping', 'encoding', 'sheet', 'source', 'kind', 'releaseOn', 'notCards'] as const;
type FieldName = (typeof FIELD_NAMES)[number];
export type RawFields = Partial<Record<FieldName, string>>;

const Mapping = Type.Record(Type.String(), Type.String());
const Names = Type.Array(Type.String());

/**
 * Reads a `multipart/form-data` body whose parts come in any order; the file goes to `store` as it comes in.
 * @returns the fields beside the file
 * @throws OwabiError `no_file`, `invalid_body`, `upload_interrupted`, and what `store` throws
 */
export async function readMultipart(
  request: FastifyRequest,
  store: (file: AsyncIterable<Buffer>) => Promise<void>,
): Promise<RawFields> {
  const fields: RawFields = {};
  let stored = false;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') addField(fields, part);
      else if (part.fieldname !== 'file') refuseField(part);
      else if (stored) throw new OwabiError('invalid_body', 'The upload holds more than one file.');
      else {
        await store(part.file);
        stored = true;
      }
    }
  } catch (error) {
    if (isBadJson(error)) throw new OwabiError('invalid_body', 'A field of the form says that it is JSON and is none.');
    throw isBrokenForm(error) ? new OwabiError('upload_interrupted') : error;
  }
  if (!stored) throw new OwabiError('no_file', 'The upload holds no part called "file".');
  return fields;
}

function addField(fields: RawFields, { fieldname, value, valueTruncated }: MultipartValue): void {
  if (fieldname === 'file')
    throw new OwabiError('no_file', 'The part called "file" has no file name: send it as a file.');
  const known = FIELD_NAMES.find((other) => other === fieldname);
  if (!known) throw unknownField();
  if (valueTruncated) throw new OwabiError('invalid_body', `The field "${known}" is too long.`);
  // A part with the content type application/json comes parsed.
  fields[known] = typeof value === 'string' ? value : JSON.stringify(value);
}

function refuseField(part: MultipartFile): never {
  part.file.resume();
  throw unknownField();
}

function unknownField(): OwabiError {
  return new OwabiError(
    'invalid_body',
    `The form holds an unknown field; it may hold file, ${FIELD_NAMES.join(', ')}.`,
  );
}

function isBadJson(error: unknown): boolean {
  return (error as { code?: string }).code === 'FST_INVALID_JSON_FIELD_ERROR';
}

// The parser of forms has no codes for these; what else it throws has a status of its own.
function isBrokenForm(error: unknown): boolean {
  if (error instanceof OwabiError) return false;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return (
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'FST_PREMATURE_CLOSE'].includes(code) ||
    /unexpected end|premature|terminated early|aborted/i.test(message)
  );
}

/**
 * Reads what the fields say.
 * @throws OwabiError `invalid_body`, `invalid_mapping`
 */
export function readFields(raw: RawFields): UploadFields {
  const mapping = parseJson<Static<typeof Mapping>>(raw.mapping, Mapping, 'invalid_mapping', 'mapping') ?? {};
  const kind = listKinds.find((known) => known === (raw.kind?.trim() || 'affected'));
  if (!kind) throw new OwabiError('invalid_body', `The field "kind" is one of ${listKinds.join(', ')}.`);
  const source = raw.source?.trim() ?? '';
  // It is kept in the clear.
  if (source.length > 200 || cutCardNumbers(source) !== null) {
    throw new OwabiError('invalid_body', 'The field "source" is the name of a system, of 200 characters at most.');
  }
  const notCards = parseJson<Static<typeof Names>>(raw.notCards, Names, 'invalid_body', 'notCards') ?? [];
  const options = readingOptions({ mapping, encoding: raw.encoding ?? null, sheet: raw.sheet ?? null, notCards });
  return { ...options, kind, source, releaseOn: readReleaseDay(raw.releaseOn, kind) };
}

/**
 * What an operator says of how to read a file.
 * @throws OwabiError `invalid_body`, `invalid_mapping`
 */
export function readingOptions({ mapping, encoding, sheet, notCards }: ListOptions): ListOptions {
  checkMappedFields(mapping);
  const named = encoding?.trim() || null;
  if (named !== null && encodingNamed(named) === null) {
    throw new OwabiError('invalid_body', `The field "encoding" is one of ${encodings.join(', ')}.`);
  }
  return { mapping, encoding: named, sheet: sheet?.trim() || null, notCards };
}

function readReleaseDay(given: string | undefined, kind: ListKind): string | null {
  const text = given?.trim() || null;
  if (text === null) return null;
  if (kind !== 'hold') throw new OwabiError('invalid_body', 'The field "releaseOn" goes with the kind "hold" only.');
  if (Check(Type.String({ format: 'date' }), text)) return text;
  throw new OwabiError('invalid_body', 'The field "releaseOn" is a day, as YYYY-MM-DD.');
}

function parseJson<T>(
  text: string | undefined,
  schema: typeof Mapping | typeof Names,
  code: 'invalid_mapping' | 'invalid_body',
  name: string,
): T | null {
  if (text === undefined || text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (Check(schema, value)) return value as T;
  } catch {
    // Told like any other wrong form.
  }
  const form = name === 'mapping' ? 'an object of column names and fields' : 'an array of column names';
  throw new OwabiError(code, `The field "${name}" must be JSON: ${form}.`);
}
