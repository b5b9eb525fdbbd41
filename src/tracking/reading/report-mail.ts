import type { SmtpStage } from '../../delivery/email/classify-failure.ts';

/** Header fields of a message or a part, decoded (RFC 2047, raw bytes of old Japanese systems), as far as they can be. */
export interface Fields {
  /** The first field of this name, unfolded; null when there is none. Names in any case. */
  get(name: string): string | null;
  /** All fields of this name, in their order. */
  all(name: string): string[];
  /** All names, in lower case, in their order. */
  names(): string[];
}

/** One part of a message that is not a multipart: decoded from its transfer encoding and its charset. */
export interface Part {
  /** Such as `text/plain`, in lower case; `text/plain` where nothing is said. */
  type: string;
  fields: Fields;
  /** The text, for `text/*` and `message/*`, with `\n` line ends; HTML as it is. Empty for all else. */
  text: string;
}

/** A mail as the readers of reports see it. */
export interface ReportMail {
  fields: Fields;
  /** Every leaf in its order. What is inside an attached original message is not here but in `original`. */
  parts: Part[];
  /**
   * What the mail system says in its own words: text parts (HTML turned into text) before the original message, with the
   * original cut off where it follows in the same part. Lines end in `\n`; none longer than 10,000 characters.
   */
  words: string;
  /** The original message or its header, wherever it stood: attached, as headers only, or below a line of text. */
  original: { fields: Fields } | null;
}

/** What a reader of one format has found about one recipient. The class is decided elsewhere, from all of this. */
export interface TextFinding {
  recipient: string | null;
  /** What the remote server or the mail system said: what the class is decided by. */
  text: string;
  /** Enhanced status, when the format has a field of its own for it; else it is looked for in `text`. */
  status?: string | null;
  /** Three-digit reply code, likewise. */
  reply?: number | null;
  /** `failed` where nothing is said. */
  action?: 'failed' | 'delayed' | 'delivered';
  /** The SMTP step that the report names: `rcpt` for "in reply to RCPT TO command"; null or absent: not said. */
  stage?: SmtpStage | null;
  /** The host that refused, when it is named. */
  remote?: string | null;
}

/** A mail system whose reports follow no standard, or a standard of their own. */
export interface ReportFormat {
  /** Short and lower case: `qmail`, `exchange_2003`. It becomes part of `Finding.rule`. */
  name: string;
  /** Where its form is described. */
  source: string;
  /** Null when the mail is not of this format. Never throws; linear in the length of the mail. */
  read(mail: ReportMail): TextFinding[] | null;
}
