import swagger, { type FastifyDynamicSwaggerOptions, type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema, RouteOptions } from 'fastify';
import Type from 'typebox';
import { Facts } from '../../incident/facts.ts';
import type { App } from '../route.ts';
import { Problem } from '../schemas.ts';

// The page is the package's own script and style; it may talk to this server only.
const DOCS_CSP = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json`, which describes every route, and `/docs` to browse it. Neither needs a key. */
export function addDocs(app: App): void {
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/docs')) route.config = { ...route.config, public: true };
  });
  app.register(swagger, { openapi: description, transform: describeRoute });
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_CSP, uiConfig: { url: '/openapi.json' } });
  app.register(async (scope: App) => {
    const schema = {
      summary: 'This document',
      response: { 200: Type.Unsafe<object>({ type: 'object', additionalProperties: true }) },
    };
    scope.get('/openapi.json', { config: { public: true }, schema }, async () => app.swagger());
  });
}

const description: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Owabi',
    version: '1',
    description:
      'Tells every person on the list, by email and by post, and proves it. Unknown fields in a body are refused. ' +
      'Lists are paged. Failures are problem documents (RFC 9457) whose `code` is explained in docs/errors.md.',
  },
  components: {
    schemas: { Facts },
    securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'Authorization: Bearer <API key>' } },
  },
  security: [{ apiKey: [] }],
};

const IDEMPOTENCY_HEADER = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({ maxLength: 255, description: 'The same key and body within 24 hours: the first answer again.' }),
  ),
});

/** Adds to a route's own schema what follows from its config: roles, tag, headers and the problems it may answer. */
const describeRoute: SwaggerTransform = ({ schema: given, url, route }) => {
  const schema: FastifySchema = given ?? {};
  if (schema.hide) return { schema, url };
  const { config } = route;
  const roles = config?.roles ?? [];
  const needs = config?.public
    ? 'Needs no key.'
    : roles.length
      ? `Needs the role ${roles.join(' or ')}.`
      : 'Any valid key.';
  return {
    url,
    schema: {
      tags: [tagOf(url)],
      operationId: operationId(route),
      ...schema,
      description: schema.description ? `${schema.description}\n\n${needs}` : needs,
      ...(config?.public ? { security: [] } : {}),
      ...(config?.creates ? { headers: IDEMPOTENCY_HEADER } : {}),
      response: { ...successOf(schema), ...problems },
    },
  };
};

const problem = (text: string) => ({
  description: text,
  content: { 'application/problem+json': { schema: Problem } },
});
const problems = { '4xx': problem('The request cannot be served.'), '5xx': problem('Our fault: try again later.') };

function successOf({ response, produces }: FastifySchema): Record<string, unknown> {
  if (response) return response as Record<string, unknown>;
  if (!produces) return { 200: { description: 'Done.' } };
  const content = Object.fromEntries(produces.map((type) => [type, { schema: { type: 'string' } }]));
  return { 200: { description: 'The content.', content } };
}

/** Routes are shown together by the first word of their path. */
function tagOf(url: string): string {
  return /^\/v1\/([^/]+)/.exec(url)?.[1] ?? 'service';
}

function operationId({ method, url }: RouteOptions): string {
  const words = url.split('/').filter((part) => part !== '' && part !== 'v1');
  const name = words.map((word) => word.replace(/^:/, 'by-').replace(/\W+/g, '-')).join('-');
  return `${String(method).toLowerCase()}-${name}`;
}
