export type JsonObject = Record<string, unknown>;

/** The object that `bytes` hold as JSON; an empty one when they hold none. Never throws. */
export function parseObject(bytes: Buffer): JsonObject {
  try {
    return objectOf(JSON.parse(bytes.toString('utf8')));
  } catch {
    return {};
  }
}

/** `value` when it is an object, else an empty one: providers add and leave out fields as they like. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a list; empty when it is none. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A text that says something, or a number as text; else null. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim() || null : null;
}
