import type { Check, CheckName, CheckResult } from './checks.ts';

/** Why a step with a relay failed. */
export interface StepFailure {
  /** Null when there was no reply: the connection broke or time ran out. */
  reply: number | null;
  /** The reply's codes (`550 5.7.1`) without its text, which may hold anything; or why there was none. */
  codes: string;
}

/** The certificate that a relay showed. */
export interface SeenCertificate {
  kind: 'certificate';
  subject: string;
  validUntil: Date | null;
  /** Why it does not hold (a code of OpenSSL or Node); null when it does. */
  problem: string | null;
  /** It need not hold: the relay's URL says so, or it is on this machine. */
  mayBeInvalid: boolean;
}

/** How the connection was secured: not at all, by a handshake that broke, or with a certificate. */
export type SeenTls =
  | { kind: 'none'; demanded: boolean; loopback: boolean }
  | { kind: 'broken'; why: string }
  | SeenCertificate;

/** What was found at a relay. A step that was not reached is null. */
export interface RelayFindings {
  relay: string;
  held: boolean;
  unreachable: StepFailure | null;
  tls: SeenTls | null;
  hasLogin: boolean;
  login: 'accepted' | StepFailure | null;
  sender: 'accepted' | StepFailure | null;
}

const DAY_MS = 24 * 3600 * 1000;
const EXPIRES_SOON_DAYS = 14;

/** The lines of one relay. */
export function judgeRelay(found: RelayFindings, now: Date): Check[] {
  const line = (check: CheckName, result: CheckResult, code: string, message: string): Check => ({
    ...{ check, subject: found.relay, result, code, message: `${found.relay}: ${message}` },
  });
  const [certificate, code, message] = found.tls === null ? NOT_REACHED : judgeTls(found.tls, now);
  return [
    line('relay_reachable', ...judgeReach(found.unreachable)),
    line('relay_certificate', certificate, code, message),
    ...(found.hasLogin ? [line('relay_login', ...judgeLogin(found.login))] : []),
    line('relay_accepts_sender', ...judgeSender(found.sender)),
    line('relay_not_held', ...judgeHold(found.held)),
  ];
}

type Judgement = [result: CheckResult, code: string, message: string];

const NOT_REACHED: Judgement = ['unknown', 'not_checked', 'not checked, because a check before it failed.'];

function judgeReach(unreachable: StepFailure | null): Judgement {
  if (unreachable === null) return ['passed', 'answers', 'it answers.'];
  if (unreachable.reply !== null) {
    return ['failed', 'refused', `it refuses the connection (${unreachable.codes}): ask whoever runs the relay.`];
  }
  return ['failed', 'unreachable', `it does not answer (${unreachable.codes}): check SMTP_URL and the way to it.`];
}

function judgeTls(tls: SeenTls, now: Date): Judgement {
  switch (tls.kind) {
    case 'none':
      if (tls.demanded) {
        return ['failed', 'no_tls', 'it offers no encryption (STARTTLS), and mail does not go to it without.'];
      }
      if (tls.loopback) return ['passed', 'not_needed', 'it is on this machine and needs no certificate.'];
      return ['warned', 'not_encrypted', 'mail goes to it unencrypted, because its URL says so.'];
    case 'broken':
      return ['failed', 'tls_failed', `no encrypted connection comes about (${tls.why}).`];
    default:
      return judgeCertificate(tls, now);
  }
}

const CERTIFICATE_CODES: Record<string, string> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong_name',
};

function judgeCertificate({ subject, validUntil, problem, mayBeInvalid }: SeenCertificate, now: Date): Judgement {
  const until = validUntil === null ? '' : `, valid until ${validUntil.toISOString().slice(0, 10)}`;
  const certificate = `its certificate (${subject}${until})`;
  if (problem !== null) {
    const code = CERTIFICATE_CODES[problem] ?? 'untrusted';
    if (mayBeInvalid)
      return ['warned', code, `${certificate} does not hold (${problem}); it need not, by its URL or on this machine.`];
    return ['failed', code, `${certificate} does not hold (${problem}): mail does not go to it before it does.`];
  }
  const days = validUntil === null ? Number.POSITIVE_INFINITY : (validUntil.getTime() - now.getTime()) / DAY_MS;
  if (days > EXPIRES_SOON_DAYS) return ['passed', 'valid', `${certificate} holds.`];
  return ['warned', 'expires_soon', `${certificate} expires within ${EXPIRES_SOON_DAYS} days: have it renewed.`];
}

function judgeLogin(login: RelayFindings['login']): Judgement {
  if (login === null) return NOT_REACHED;
  if (login === 'accepted') return ['passed', 'accepted', 'it accepts our login.'];
  return ['failed', 'refused', `it does not accept our login (${login.codes}): check user and password in SMTP_URL.`];
}

function judgeSender(sender: RelayFindings['sender']): Judgement {
  if (sender === null) return NOT_REACHED;
  if (sender === 'accepted') return ['passed', 'accepted', 'it accepts our bounce address as sender.'];
  // Sending tries such a relay again; it may not be one that keeps a notice waiting.
  if (sender.reply !== null && sender.reply < 500) {
    return ['warned', 'refused_for_now', `it does not accept our bounce address now (${sender.codes}).`];
  }
  return [
    'failed',
    'refused',
    `it does not accept our bounce address as sender (${sender.codes}): have BOUNCE_DOMAIN allowed there.`,
  ];
}

function judgeHold(held: boolean): Judgement {
  if (!held) return ['passed', 'not_held', 'it is not held.'];
  return ['failed', 'held', 'it is held, because it refused us as sender: release it when that is settled.'];
}
