/** One command line taken apart: the verb in capitals and the rest as it came. */
export interface Command {
  verb: string;
  rest: string;
}

/** The argument of MAIL FROM or RCPT TO: an address, empty for the null sender, and its parameters in capitals. */
export interface PathArgument {
  address: string;
  params: Map<string, string>;
}

export function parseCommand(line: string): Command {
  const space = line.indexOf(' ');
  if (space < 0) return { verb: line.toUpperCase(), rest: '' };
  return { verb: line.slice(0, space).toUpperCase(), rest: line.slice(space + 1).trim() };
}

// The address in angle brackets: a quoted or a bare local part, then the domain; source routes are thrown away.
const PATH = /^<(?:@[^:>]*:)?(?:("(?:[^"\\]|\\.)*"|[^\s<>"]*?)@([^\s<>@]+))?>(?:\s+(.*))?$/;
const PLAIN_LOCAL = /^[^\s"(),:;<>@[\\\]]+$/;

/**
 * Reads `FROM:<…>` or `TO:<…>` with ESMTP parameters (RFC 5321 §4.1.2). Takes every local part that Japanese
 * carriers really have (`..`, leading and trailing dot), quoted or bare. Undefined when it cannot be read.
 */
export function parsePath(rest: string, keyword: 'FROM' | 'TO'): PathArgument | undefined {
  if (rest.slice(0, keyword.length + 1).toUpperCase() !== `${keyword}:`) return undefined;
  const match = PATH.exec(rest.slice(keyword.length + 1).trimStart());
  if (!match) return undefined;
  const [, local, domain, tail] = match;
  const address = domain ? `${unquoteLocal(local ?? '')}@${domain}` : '';
  if (address.startsWith('@')) return undefined;
  return { address, params: parseParams(tail ?? '') };
}

/** Quotes that only guard dots are taken away, so that an address compares equal to what its owner writes. */
function unquoteLocal(local: string): string {
  if (!local.startsWith('"')) return local;
  const bare = local.slice(1, -1).replace(/\\(.)/g, '$1');
  return PLAIN_LOCAL.test(bare) ? bare : local;
}

function parseParams(text: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    const equals = word.indexOf('=');
    if (equals < 0) params.set(word.toUpperCase(), '');
    else params.set(word.slice(0, equals).toUpperCase(), word.slice(equals + 1));
  }
  return params;
}

/** The domain of an address in lower case; empty for the null sender. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
