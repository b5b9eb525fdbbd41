/** One finding of the validator, as TypeBox gives it: a JSON pointer, and what was expected there. */
export interface Finding {
  keyword?: string;
  instancePath?: string;
  params?: unknown;
  message?: string;
}

export interface FieldError {
  /** Dotted path of the field, such as `pace.perHour`; empty for the whole. */
  path: string;
  /** What is expected there. Never repeats the value. */
  message: string;
}

/** The fields that are wrong, each once: the first finding about a field is the one that helps. */
export function fieldErrors(findings: readonly Finding[]): FieldError[] {
  const byPath = new Map<string, FieldError>();
  for (const error of findings.flatMap(readFinding)) {
    if (!byPath.has(error.path)) byPath.set(error.path, error);
  }
  return [...byPath.values()];
}

function readFinding({
  keyword,
  instancePath = '',
  params,
  message = 'is not of the expected form',
}: Finding): FieldError[] {
  const path = dotted(instancePath);
  switch (keyword) {
    case 'required':
      return names(params, 'requiredProperties').map((name) => ({ path: join(path, name), message: 'is missing' }));
    case 'additionalProperties':
      return names(params, 'additionalProperties').map((name) => ({
        path: join(path, name),
        message: 'is not a known field',
      }));
    // TypeBox says of an unknown field both this and `additionalProperties`.
    case 'boolean':
      return [];
    case 'enum':
      return [{ path, message: `must be one of ${names(params, 'allowedValues').join(', ')}` }];
    default:
      return [{ path, message }];
  }
}

function names(params: unknown, member: string): string[] {
  const value = (params as Record<string, unknown> | undefined)?.[member];
  return Array.isArray(value) ? value.map(String) : [];
}

/** JSON pointer to dotted path (RFC 6901). */
function dotted(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
