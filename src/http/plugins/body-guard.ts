import type { App } from '../route.ts';

/** Refuses to start with a route whose body would let unknown fields pass: they are answered 400, not ignored. */
export function addBodyGuard(app: App): void {
  app.addHook('onRoute', ({ method, url, schema }) => {
    const open = openObject(schema?.body, 'body');
    if (open) throw new Error(`${method} ${url}: ${open} takes unknown fields; make it with closed() of schemas.ts`);
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
