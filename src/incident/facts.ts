/**
 * The fact sheet of an incident: one source for email, letter and web notice.
 * Times are local to the incident's time zone and carry no offset; weekdays are computed, never typed.
 * Content: R1–R35 of the requirements (APPI enforcement rules art. 8 and 10; Cal. Civ. Code §1798.82).
 */
import Type, { type Static } from 'typebox';
import { Errors } from 'typebox/value';
import { consistencyProblems } from './facts-consistency.ts';
import { textProblem } from './facts-text.ts';

const closed = { additionalProperties: false } as const;

/** One line of text: no control characters; paragraphs are separate list entries. */
const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const CalendarDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const LocalMoment = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2})?$' });
const ClockTime = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' });
const HttpsUrl = Type.String({ pattern: '^https://[^\\s<>"]+$', maxLength: 300 });
const Phone = Type.String({ pattern: '^\\+?[0-9][0-9 ()-]{4,24}$' });
const EmailAddress = Type.String({ pattern: '^[^\\s@<>"]+@[^\\s@<>"]+\\.[^\\s@<>"]+$', maxLength: 254 });
const Precision = Type.Union([Type.Literal('day'), Type.Literal('minute')]);

const Weekday = Type.Union([
  Type.Literal('mon'),
  Type.Literal('tue'),
  Type.Literal('wed'),
  Type.Literal('thu'),
  Type.Literal('fri'),
  Type.Literal('sat'),
  Type.Literal('sun'),
]);

const Organisation = Type.Object(
  {
    name: Line(100),
    representative: Type.Optional(Type.Object({ title: Line(60), name: Line(60) }, closed)),
    serviceName: Line(100),
    website: HttpsUrl,
    postalCode: Line(12),
    addressLines: Type.Array(Line(100), { minItems: 1, maxItems: 4 }),
    licenceLines: Type.Optional(Type.Array(Line(120), { maxItems: 6 })),
  },
  closed,
);

const LeakedItem = Type.Object(
  {
    kind: Type.Union([
      Type.Literal('card_holder'),
      Type.Literal('card_number'),
      Type.Literal('card_expiry'),
      Type.Literal('card_security_code'),
      Type.Literal('name'),
      Type.Literal('email'),
      Type.Literal('phone'),
      Type.Literal('postal_address'),
      Type.Literal('birth_date'),
      Type.Literal('login'),
      Type.Literal('password'),
      Type.Literal('purchase'),
      Type.Literal('other'),
    ]),
    label: Line(120),
    cardData: Type.Boolean(),
  },
  closed,
);

const Contact = Type.Object(
  {
    name: Line(100),
    phone: Phone,
    tollFree: Type.Boolean(),
    hours: Type.Object(
      {
        days: Type.Array(Weekday, { minItems: 1, maxItems: 7, uniqueItems: true }),
        from: ClockTime,
        to: ClockTime,
        closedOnHolidays: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    specialOpenings: Type.Array(Type.Object({ date: CalendarDate, from: ClockTime, to: ClockTime }, closed), {
      maxItems: 60,
    }),
    web: HttpsUrl,
    email: Type.Optional(EmailAddress),
  },
  closed,
);

const TimelineEntry = Type.Object(
  { at: LocalMoment, precision: Precision, text: Line(2000), public: Type.Boolean() },
  closed,
);

const Measure = Type.Object(
  { title: Line(120), details: Type.Array(Line(1000), { minItems: 1, maxItems: 10 }) },
  closed,
);

const Prevention = Type.Object(
  {
    text: Line(1000),
    status: Type.Union([Type.Literal('planned'), Type.Literal('done')]),
    date: Type.Optional(CalendarDate),
  },
  closed,
);

const Scale = Type.Object(
  {
    count: Type.Integer({ minimum: 1 }),
    unit: Type.Union([
      Type.Literal('cards'),
      Type.Literal('accounts'),
      Type.Literal('persons'),
      Type.Literal('records'),
    ]),
  },
  closed,
);

/** What every incident must state. The optional fields may be unknown at first; a template may require them. */
export const Facts = Type.Object(
  {
    organisation: Organisation,
    documentDate: CalendarDate,
    awareness: Type.Object({ at: LocalMoment, precision: Precision }, closed),
    timeline: Type.Array(TimelineEntry, { minItems: 1, maxItems: 40 }),
    leakedItems: Type.Array(LeakedItem, { minItems: 1, maxItems: 20 }),
    certainty: Type.Union([
      Type.Literal('possible'),
      Type.Literal('suspected'),
      Type.Literal('likely'),
      Type.Literal('confirmed'),
    ]),
    measures: Type.Array(Measure, { minItems: 1, maxItems: 20 }),
    requests: Type.Array(Line(1000), { minItems: 1, maxItems: 20 }),
    contact: Contact,
    scale: Type.Optional(Type.Array(Scale, { minItems: 1, maxItems: 4 })),
    exposureWindow: Type.Optional(Type.Object({ from: CalendarDate, to: CalendarDate, condition: Line(300) }, closed)),
    cause: Type.Optional(Line(2000)),
    secondaryHarm: Type.Optional(Line(1000)),
    prevention: Type.Optional(Type.Array(Prevention, { minItems: 1, maxItems: 20 })),
    neverAsked: Type.Optional(Type.Array(Line(300), { minItems: 1, maxItems: 10 })),
    unaffectedNote: Type.Optional(Line(600)),
    other: Type.Optional(Type.Array(Line(1000), { minItems: 1, maxItems: 10 })),
  },
  closed,
);
export type Facts = Static<typeof Facts>;

export interface FactsProblem {
  /** Dotted path of the field, such as `contact.phone` or `timeline.2.at`; empty for the whole sheet. */
  path: string;
  /** Names the field and says what to do. Never repeats the value. */
  message: string;
}

/** Every problem of a fact sheet, shape first; an empty list means that the value is a `Facts`. */
export function checkFacts(value: unknown): FactsProblem[] {
  const problems = [...shapeProblems(value), ...textProblems(value, '')];
  return problems.length > 0 ? problems : consistencyProblems(value as Facts);
}

type SchemaError = ReturnType<typeof Errors>[number];

function shapeProblems(value: unknown): FactsProblem[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path: '', message: 'facts has the wrong form: write an object.' }];
  }
  const byPath = new Map<string, FactsProblem>();
  for (const problem of [...unknownFields(value), ...fieldProblems(value as Record<string, unknown>)]) {
    if (!byPath.has(problem.path)) byPath.set(problem.path, problem);
  }
  return [...byPath.values()];
}

function unknownFields(sheet: object): FactsProblem[] {
  return Object.keys(sheet)
    .filter((name) => !Object.hasOwn(Facts.properties, name))
    .map(unknownField);
}

// Field by field, because TypeBox stops at eight errors a call and an operator wants to see all of them.
function fieldProblems(sheet: Record<string, unknown>): FactsProblem[] {
  const required: readonly string[] = Facts.required;
  return Object.entries(Facts.properties).flatMap(([name, schema]) => {
    if (Object.hasOwn(sheet, name)) return Errors(schema, sheet[name]).flatMap((error) => describe(error, name));
    return required.includes(name) ? [missingField(name)] : [];
  });
}

function missingField(path: string): FactsProblem {
  return { path, message: `${path} is missing: add it.` };
}

function unknownField(path: string): FactsProblem {
  return { path, message: `${path} is not a known field: remove it or correct its name.` };
}

function describe(error: SchemaError, field: string): FactsProblem[] {
  const path = join(field, dotted(error.instancePath));
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) => missingField(join(path, name)));
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => unknownField(join(path, name)));
    // Only repeats, for the unknown field itself, what `additionalProperties` has said.
    case 'boolean':
      return [];
    default:
      return [{ path, message: `${path} has the wrong form: ${remedy(error, path)}.` }];
  }
}

/** What to write instead, by the last name of the path: patterns tell a person nothing. */
const FORMS: [RegExp, string][] = [
  [/(^|\.)(date|documentDate)$|exposureWindow\.(from|to)$/, 'write a date as YYYY-MM-DD'],
  [/\.at$/, 'write YYYY-MM-DD, or YYYY-MM-DDTHH:MM with precision "minute", in the incident\'s time zone'],
  [/\.(from|to)$/, 'write a time as HH:MM'],
  [/\.(website|web)$/, 'write an address that begins with https://'],
  [/\.phone$/, 'write a telephone number in digits and hyphens'],
  [/\.email$/, 'write one email address'],
  [/\.days(\.\d+)?$/, 'list days as "mon", "tue", "wed", "thu", "fri", "sat", "sun", each once'],
  [/(^|\.)certainty$/, 'write "possible", "suspected", "likely" or "confirmed"'],
  [/\.unit$/, 'write "cards", "accounts", "persons" or "records"'],
  [/\.status$/, 'write "planned" or "done"'],
  [/\.precision$/, 'write "day" or "minute"'],
  [/\.kind$/, 'write a known kind, such as "card_number", "name" or "other"'],
];

function remedy(error: SchemaError, path: string): string {
  const known = FORMS.find(([pattern]) => pattern.test(path));
  return known ? known[1] : `it ${error.message}`;
}

function textProblems(value: unknown, path: string): FactsProblem[] {
  if (typeof value === 'string') {
    const message = textProblem(value);
    return message ? [{ path, message: `${path || 'facts'} ${message}` }] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textProblems(inner, join(path, key)));
}

/** JSON pointer to dotted path (RFC 6901). */
function dotted(pointer: string): string {
  return pointer
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

function join(path: string, name: string): string {
  return path === '' || name === '' ? path + name : `${path}.${name}`;
}
