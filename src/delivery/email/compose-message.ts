import MailComposer from 'nodemailer/lib/mail-composer';
import type { RenderedEmail } from '../../rendering/types.ts';

/** What is the same in every message of a notice. */
export interface SharedParts {
  /** As in MAIL_FROM: `"Name" <address>`. */
  from: string;
  /** BCP 47, for Content-Language. */
  locale: string;
}

export interface PersonalParts {
  to: string;
  messageId: string;
  date: Date;
  email: RenderedEmail;
}

/** Makes a finished message, CRLF line ends, ready for DATA. */
export type Composer = (personal: PersonalParts) => Promise<Buffer>;

const TO = 'slot-of-the-recipient@slot.invalid';
const ID = '<slot-of-the-message-id@slot.invalid>';
const DATE = new Date(0);
const TEXT = 'slot-of-the-text-part';
const HTML = '<p>slot-of-the-html-part</p>';

// Addresses that stand in a header as they are (RFC 5322 dot-atom, ASCII); the library writes all others.
const PLAIN_ADDRESS = /^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/**
 * Composes messages of one notice in one language. Nodemailer's composer builds a message once for each subject; per
 * person only recipient, date, Message-ID and the base64 of the two parts are put in its place, which takes a tenth of
 * the time of composing anew. An address that needs quoting is composed in full by the library.
 */
export function makeComposer(shared: SharedParts): Composer {
  const frames = new Map<string, Promise<Frame>>();
  return async (personal) => {
    if (!PLAIN_ADDRESS.test(personal.to)) return compose(shared, personal);
    const { subject } = personal.email;
    const frame = frames.get(subject) ?? makeFrame(shared, subject);
    // Personal subjects would make a frame each: keep few.
    if (frames.size > 20) frames.clear();
    frames.set(subject, frame);
    return fillFrame(await frame, personal);
  };
}

/** Composes one message in full with the library. */
export function compose(shared: SharedParts, { to, messageId, date, email }: PersonalParts): Promise<Buffer> {
  return new MailComposer({
    ...{ from: shared.from, replyTo: shared.from, to: { name: '', address: to }, subject: email.subject },
    ...{ text: email.text, html: email.html, messageId, date },
    ...{ encoding: 'base64', textEncoding: 'base64', newline: '\r\n' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
    headers: {
      // RFC 3834: no out-of-office answers to a notice.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      'Content-Language': shared.locale,
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

async function makeFrame(shared: SharedParts, subject: string): Promise<Frame> {
  const email = { subject, text: TEXT, html: HTML };
  const whole = (await compose(shared, { to: TO, messageId: ID, date: DATE, email })).toString('latin1');
  const marks = {
    to: TO,
    messageId: ID,
    date: DATE.toUTCString().replace(/GMT/, '+0000'),
    text: Buffer.from(TEXT).toString('base64'),
    html: Buffer.from(HTML).toString('base64'),
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

function fillFrame(frame: Frame, { to, messageId, date, email }: PersonalParts): Buffer {
  const values = {
    to: Buffer.from(to, 'latin1'),
    messageId: Buffer.from(messageId, 'latin1'),
    date: Buffer.from(date.toUTCString().replace(/GMT/, '+0000'), 'latin1'),
    text: base64Lines(email.text),
    html: base64Lines(email.html),
  };
  const parts: Buffer[] = [];
  for (let i = 0; i < frame.pieces.length; i++) {
    parts.push(frame.pieces[i] as Buffer);
    const slot = frame.slots[i];
    if (slot) parts.push(values[slot]);
  }
  return Buffer.concat(parts);
}

const LINE = 76;

/** Base64 in lines of 76 characters (RFC 2045 §6.8), with line ends as the mail standard has them. */
function base64Lines(text: string): Buffer {
  const plain = Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'utf8').toString('base64');
  const lines = Math.max(1, Math.ceil(plain.length / LINE));
  const wrapped = Buffer.allocUnsafe(plain.length + 2 * (lines - 1));
  let at = 0;
  for (let i = 0; i < plain.length; i += LINE) {
    if (i > 0) {
      wrapped[at++] = 13;
      wrapped[at++] = 10;
    }
    at += wrapped.write(plain.slice(i, i + LINE), at, 'latin1');
  }
  return wrapped;
}
