/** What a preflight looks at, one line each. */
export const checkNames = [
  ...(['relay_reachable', 'relay_certificate', 'relay_login', 'relay_accepts_sender', 'relay_not_held'] as const),
  ...(['dns', 'spf', 'dkim_key', 'dkim_missing', 'dmarc', 'alignment', 'mx', 'ptr'] as const),
] as const;

export type CheckName = (typeof checkNames)[number];

/** `unknown`: it could not be found out. That is no failure, and no pass either. */
export type CheckResult = 'passed' | 'warned' | 'failed' | 'unknown';

/** One line of a preflight. Everything in it may be shown: hosts, domains, addresses of hosts and codes. */
export interface Check {
  check: CheckName;
  /** The relay, domain, DNS name or address of a host that it is about. */
  subject: string;
  result: CheckResult;
  /** What was found, for programs: docs/operations.md lists them. */
  code: string;
  /** The same for people, with what to do. */
  message: string;
}

export type PreflightResult = 'passed' | 'warned' | 'failed';

/** What the lines add up to. What could not be found out warns: "passed" would say that it was. */
export function resultOf(checks: readonly Check[]): PreflightResult {
  if (checks.some(({ result }) => result === 'failed')) return 'failed';
  return checks.every(({ result }) => result === 'passed') ? 'passed' : 'warned';
}

/** The lines of all relays. One that fails while another passes everything only warns: mail goes by the other. */
export function weighRelays(relays: readonly (readonly Check[])[]): Check[] {
  const oneWorks = relays.some((checks) => checks.every(({ result }) => result !== 'failed'));
  return relays
    .flat()
    .map((check) => (oneWorks && check.result === 'failed' ? { ...check, result: 'warned' as const } : check));
}
