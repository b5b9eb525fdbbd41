import { OwabiError } from '../../errors.ts';
import type { App } from '../route.ts';

/**
 * Reads JSON bodies. An empty one is no body: many clients say `application/json` on every request, also on those that
 * carry nothing, such as submit and pause.
 */
export function addJsonBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    return parse(request, body as string, done);
  });
}

/**
 * Refuses to start with a route whose body would let unknown fields pass: they are answered 400, not ignored. A route
 * without a body knows no field at all.
 */
export function addBodyGuard(app: App): void {
  app.addHook('onRoute', ({ method, url, schema }) => {
    const open = openObject(schema?.body, 'body');
    if (open) throw new Error(`${method} ${url}: ${open} takes unknown fields; make it with closed() of schemas.ts`);
  });
  app.addHook('preValidation', async ({ body, routeOptions }) => {
    if (routeOptions.schema?.body || typeof body !== 'object' || body === null) return;
    const errors = Object.keys(body).map((path) => ({ path, message: 'is not a known field' }));
    if (errors.length > 0) throw new OwabiError('invalid_body', 'This request takes no fields.', { errors });
  });
}

/**
 * The path of the first object schema that names its fields and does not say what happens to others; null when all do.
 * An object that names no fields is free on purpose, such as facts, which are checked by their own rules.
 */
function openObject(schema: unknown, path: string): string | null {
  if (typeof schema !== 'object' || schema === null) return null;
  const { properties, additionalProperties } = schema as { properties?: object; additionalProperties?: unknown };
  if (properties && additionalProperties === undefined) return path;
  for (const [name, inner] of Object.entries(schema)) {
    const found = openObject(inner, `${path}.${name}`);
    if (found) return found;
  }
  return null;
}
