import MailComposer from 'nodemailer/lib/mail-composer';
import { encodeWord } from 'nodemailer/lib/mime-funcs';
import { splice } from '../../rendering/slots.ts';
import type { PreparedEmail, RenderedEmail } from '../../rendering/types.ts';
import { type PartEncoder, partEncoder } from './encode-part.ts';

/** What is the same in every message of a notice in one language. */
export interface SharedParts {
  /** As in MAIL_FROM: `"Name" <address>`. */
  from: string;
  /** For the receivers' statistics of complaints: which notice it was. */
  feedbackId: string;
  prepared: PreparedEmail;
}

export interface PersonalParts {
  to: string;
  messageId: string;
  date: Date;
  /** The values of each part's slots, escaped for it. */
  values: Record<keyof RenderedEmail, string[]>;
}

/**
 * Makes a finished message, CRLF line ends, ready for DATA. In pieces: most of it is the same for everybody, and is not
 * copied for each.
 */
export type Composer = (personal: PersonalParts) => Promise<Buffer[]>;

const TO = 'slot-of-the-recipient@slot.invalid';
const ID = '<slot-of-the-message-id@slot.invalid>';
const DATE = new Date(0);
const TEXT = 'slot-of-the-text-part';
const HTML = '<p>slot-of-the-html-part</p>';

// Addresses that stand in a header as they are (RFC 5322 dot-atom, ASCII); the library writes all others.
const PLAIN_ADDRESS = /^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const FRAMES = 20;
// No server is told of such an address (`envelopeAddress`): this only keeps it from breaking the header.
const NOT_ASCII = /[^\x20-\x7e]/g;
const CONTROL = /\p{Cc}/gu;
// ASCII in words that fit into lines of 78, with nothing in it that reads as an encoded word (RFC 2047 §2).
const FOLDS = /^(?!.*(?:=\?|\S{67}))[\x20-\x7e]+$/;
/** Characters in an encoded word; 75 at most (RFC 2047 §2). */
const WORD = 60;

/**
 * Composes messages of one notice in one language. Nodemailer's composer builds a message once for each subject; per
 * person only recipient, date, Message-ID and the two parts are put in their places, and of the parts only the personal
 * values are encoded anew. An address that needs quoting is composed in full by the library.
 */
export function makeComposer({ prepared, ...sender }: SharedParts): Composer {
  const encoders = { text: partEncoder(prepared.text), html: partEncoder(prepared.html) };
  const frames = new Map<string, Promise<Frame>>();
  return async (personal) => {
    const { values } = personal;
    const subject = splice(prepared.subject, values.subject);
    if (!PLAIN_ADDRESS.test(personal.to)) {
      const email = { subject, text: splice(prepared.text, values.text), html: splice(prepared.html, values.html) };
      return [await compose(sender, prepared.locale, { ...personal, email })];
    }
    const frame = frames.get(subject) ?? makeFrame(sender, prepared.locale, subject);
    // Personal subjects would make a frame each: keep few.
    if (frames.size > FRAMES) frames.clear();
    frames.set(subject, frame);
    return fillFrame(await frame, personal, encoders);
  };
}

/** Composes one message in full with the library. */
export function compose(
  { from, feedbackId }: Omit<SharedParts, 'prepared'>,
  locale: string,
  { to, messageId, date, email }: Omit<PersonalParts, 'values'> & { email: RenderedEmail },
): Promise<Buffer> {
  return new MailComposer({
    ...{ from, replyTo: from, to: { name: '', address: to.replace(NOT_ASCII, '') } },
    ...{ text: email.text, html: email.html, messageId, date },
    ...{ encoding: 'base64', textEncoding: 'base64', newline: '\r\n' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
    headers: {
      Subject: { prepared: true, foldLines: true, value: subjectValue(email.subject) },
      // RFC 3834: no out-of-office answers to a notice.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      'Feedback-ID': feedbackId,
      'Content-Language': locale,
    },
  })
    .compile()
    .build();
}

/** The message in pieces between its slots, in the order in which they stand. */
interface Frame {
  pieces: Buffer[];
  slots: ('to' | 'messageId' | 'date' | 'text' | 'html')[];
}

async function makeFrame(sender: Omit<SharedParts, 'prepared'>, locale: string, subject: string): Promise<Frame> {
  const email = { subject, text: TEXT, html: HTML };
  const whole = (await compose(sender, locale, { to: TO, messageId: ID, date: DATE, email })).toString('latin1');
  const marks = {
    to: TO,
    messageId: ID,
    date: mailDate(DATE),
    // With their line ends: the encoded parts bring their own.
    text: `${Buffer.from(TEXT).toString('base64')}\r\n`,
    html: `${Buffer.from(HTML).toString('base64')}\r\n`,
  };
  const found = Object.entries(marks).map(([slot, mark]) => {
    const at = whole.indexOf(mark);
    if (at < 0 || whole.includes(mark, at + 1)) throw new Error(`the composed message does not hold its ${slot} once`);
    return { slot: slot as Frame['slots'][number], at, end: at + mark.length };
  });
  found.sort((a, b) => a.at - b.at);
  const bounds = [0, ...found.flatMap(({ at, end }) => [at, end]), whole.length];
  const pieces: Buffer[] = [];
  for (let i = 0; i < bounds.length; i += 2) pieces.push(Buffer.from(whole.slice(bounds[i], bounds[i + 1]), 'latin1'));
  return { pieces, slots: found.map(({ slot }) => slot) };
}

function fillFrame(
  frame: Frame,
  { to, messageId, date, values }: PersonalParts,
  encoders: Record<'text' | 'html', PartEncoder>,
): Buffer[] {
  const pieces: Buffer[] = [];
  for (const [i, piece] of frame.pieces.entries()) {
    pieces.push(piece);
    const slot = frame.slots[i];
    if (slot === 'text' || slot === 'html') pieces.push(...encoders[slot](values[slot]));
    else if (slot) pieces.push(Buffer.from({ to, messageId, date: mailDate(date) }[slot], 'latin1'));
  }
  return pieces;
}

/**
 * A subject as it stands in a header. The library leaves ASCII as it is, also where it cannot be folded: a line may have
 * 998 characters at most (RFC 5322 §2.1.1).
 */
function subjectValue(subject: string): string {
  const line = subject.replace(CONTROL, ' ');
  return FOLDS.test(line) ? line : encodeWord(line, 'B', WORD);
}

/** RFC 5322 §3.3, as the library writes it. */
const mailDate = (date: Date): string => date.toUTCString().replace(/GMT/, '+0000');
