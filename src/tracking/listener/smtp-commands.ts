/**
 * The size in bytes that a `MAIL FROM` line announces (RFC 1870), as digits; null when it announces none. Undefined when
 * the line is no `MAIL FROM`. Nothing else of it is read: who sent a report decides nothing, so no sender and no parameter
 * can be too odd. Japanese carriers have local parts that RFC 5321 forbids, in quotes and without.
 */
export function announcedSize(line: string): string | null | undefined {
  const [, rest] = /^MAIL\s+FROM\s*:(.*)$/is.exec(line) ?? [];
  if (rest === undefined) return undefined;
  const parameters = rest.slice(rest.lastIndexOf('>') + 1);
  return /(?:^|\s)SIZE=(\d{1,20})(?=\s|$)/i.exec(parameters)?.[1] ?? null;
}

/**
 * The address of a `RCPT TO` line, without brackets, source route (RFC 5321 appendix C) and quotes; its parameters mean
 * nothing to us. Null when the line names none.
 */
export function recipientOf(line: string): string | null {
  const [, inBrackets, bare] = /^RCPT\s+TO\s*:\s*(?:<(?:@[^:<>]*:)?([^<>]*)>|([^\s<>]+))/i.exec(line) ?? [];
  const address = (inBrackets ?? bare ?? '').trim();
  return address.replace(/^"((?:[^"\\]|\\.)*)"(?=@)/, (_, local: string) => local.replace(/\\(.)/g, '$1')) || null;
}
