import { SaxesParser } from 'saxes';
import { OwabiError } from '../../../errors.ts';
import { encodingOfMark } from '../encoding.ts';
import { unreadable } from '../unpack.ts';

/** What a part of a workbook is read for. Names come without their prefix. */
export interface XmlEvents {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

// Excel allows 32,767 characters in a cell. What goes on for millions without a tag fills memory and nothing else.
const MAX_CHARACTERS_WITHOUT_TAG = 4_000_000;
const MAX_DEPTH = 100;

/**
 * Reads a part of a workbook as it comes, and yields after each piece of it. There are no entities but those of XML
 * itself: a part that declares any (a DTD) is refused, as Office Open XML demands (ECMA-376 part 2, §7.2).
 * @param what the part, in words for the operator
 * @throws OwabiError `list_unreadable`
 */
export async function* walkXml(data: AsyncIterable<Buffer>, what: string, events: XmlEvents): AsyncGenerator<void> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let quiet = 0;
  const parser = makeParser(what, events, () => {
    quiet = 0;
  });
  const write = (text: string) => {
    quiet += text.length;
    parser.write(text);
    if (quiet > MAX_CHARACTERS_WITHOUT_TAG) throw unreadable(`${what} holds a value that is longer than any cell.`);
  };
  try {
    for await (const chunk of data) {
      decoder ??= new TextDecoder(encodingOfMark(chunk) ?? 'utf-8', { fatal: true });
      write(decoder.decode(chunk, { stream: true }));
      yield;
    }
    write(decoder?.decode() ?? '');
    parser.close();
    yield;
  } catch (error) {
    throw broken(error, what);
  }
}

/** Reads a part to its end. */
export async function readXml(data: AsyncIterable<Buffer>, what: string, events: XmlEvents): Promise<void> {
  for await (const _ of walkXml(data, what, events));
}

function makeParser(what: string, events: XmlEvents, onTag: () => void): SaxesParser {
  const parser = new SaxesParser();
  let depth = 0;
  parser.on('doctype', () => {
    throw unreadable(`${what} declares entities of its own, which no workbook needs. Save it anew with Excel.`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    onTag();
    if (++depth > MAX_DEPTH) throw unreadable(`${what} is nested too deeply. Save it anew with Excel.`);
    events.open?.(withoutPrefix(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    onTag();
    depth--;
    events.close?.(withoutPrefix(name));
  });
  if (events.text) parser.on('text', events.text);
  if (events.text) parser.on('cdata', events.text);
  return parser;
}

function withoutPrefix(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

// Only the parser's and the decoder's findings are the file's fault; the rest is passed on as it is.
function broken(error: unknown, what: string): unknown {
  if (error instanceof OwabiError) return error;
  const { code, message = '' } = error as NodeJS.ErrnoException;
  // The parser begins its messages with line and column; they may quote the text, so nothing of them is passed on.
  const position = /^(\d+):\d+: /.exec(message)?.[1];
  if (code !== 'ERR_ENCODING_INVALID_ENCODED_DATA' && position === undefined) return error;
  const where = position === undefined ? '' : `, on line ${position} of its XML`;
  return unreadable(`${what} is damaged${where}. Open the workbook with Excel, save it anew and upload that.`);
}

/** Text of a cell: `_x000D_` and the like stand for characters that XML cannot hold (ECMA-376 part 1, §22.9.2.19). */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (whole, code: string) =>
    code === '0000' ? whole : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Whether an attribute says yes (xsd:boolean). */
export const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';
