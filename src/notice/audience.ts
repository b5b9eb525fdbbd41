import Type, { type Static } from 'typebox';

/** Whom a notice is for: all that is given must hold (`http-api.md`, Routes). */
export const Audience = Type.Object(
  {
    all: Type.Optional(Type.Literal(true)),
    exposed: Type.Optional(Type.Boolean()),
    lists: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{1,18}$' }), { minItems: 1, maxItems: 100 })),
    notIn: Type.Optional(Type.Array(Type.String({ pattern: '^\\d{1,18}$' }), { minItems: 1, maxItems: 100 })),
  },
  { additionalProperties: false },
);
export type Audience = Static<typeof Audience>;
