import Type, { type TEnum, type TObject, type TProperties, type TSchema } from 'typebox';

/** An object that refuses fields it does not name. Every object in a request body must be one. */
export function closed<T extends TProperties>(
  properties: T,
  options: { description?: string; minProperties?: number } = {},
): TObject<T> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

// Eighteen digits stay below 2^63: a longer number would be an error of the database instead of "not found".
/** An id in a path or a body: opaque to callers. */
export const Id = Type.String({ pattern: '^[1-9][0-9]{0,17}$', description: 'An id; opaque.' });

/** The parameters of a path with one `:id`. What is no id is answered 404, like an id that is not there. */
export const IdParams = Type.Object({ id: Id });

/** Why somebody decided something, in their words. It is sealed. */
export const Reason = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' });
/** The body of a decision that needs nothing but its reason. */
export const Decision = closed({ reason: Reason });

/** An instant: ISO 8601 with offset. */
export const Time = Type.String({ description: 'An instant, ISO 8601 with offset.' });

/** A date of law or of letters: `YYYY-MM-DD`, not an instant. */
export const CalendarDay = Type.String({ format: 'date', description: 'A date that exists, YYYY-MM-DD.' });

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** One of some words: `OneOf('ja', 'en')`. */
export function OneOf<const T extends string[]>(...values: T): TEnum<T> {
  return Type.Enum(values) as unknown as TEnum<T>;
}

/** One page of a list. */
export function Page<T extends TSchema>(of: T) {
  return Type.Object({ items: Type.Array(of), nextCursor: Nullable(Type.String()) });
}

/** The fields of a paged list's query, to be mixed with others: `Type.Object({ ...pageFields, state: … })`. */
export const pageFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Items on a page; 100 when absent.' })),
  cursor: Type.Optional(
    Type.String({ maxLength: 100, description: 'The `nextCursor` of the page before; absent for the first page.' }),
  ),
};
export const PageQuery = Type.Object(pageFields);

/** A problem document, RFC 9457. Some codes bring further members. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    code: Type.String({ description: 'One of the codes of docs/errors.md.' }),
    requestId: Type.String({ description: 'As in the header X-Request-Id and in the log.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: 'The fields that are wrong, by path, such as `facts.contact.phone`.',
      }),
    ),
  },
  { additionalProperties: true, description: 'A problem document (RFC 9457).' },
);
