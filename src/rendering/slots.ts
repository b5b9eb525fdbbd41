/** Slots: the places of a prepared message that differ from person to person. */

import { formatReference } from '../intake/persons/reference.ts';
import { addressee } from './addressee.ts';
import { exposureSentence } from './exposures.ts';
import {
  type NoticeLocale,
  type RenderPerson,
  type Segments,
  type SlotName,
  type SlotValues,
  slotNames,
} from './types.ts';

// Private-use characters: checkFacts refuses them in facts, and HTML escaping leaves them alone.
const OPEN = '\u{E000}';
const CLOSE = '\u{E001}';

/** What templates see as `person`: a sentinel for each slot, so that a template is rendered once for everybody. */
export function slotSentinels(): SlotValues {
  return Object.fromEntries(slotNames.map((name) => [name, `${OPEN}${name}${CLOSE}`])) as SlotValues;
}

/** Cuts a rendered text at its sentinels. */
export function cutAtSlots(rendered: string): Segments {
  const parts = rendered.split(new RegExp(`${OPEN}(${slotNames.join('|')})${CLOSE}`, 'u'));
  return {
    statics: parts.filter((_, i) => i % 2 === 0),
    slots: parts.filter((_, i) => i % 2 === 1) as SlotName[],
  };
}

/**
 * A person's values. Line breaks, NUL and other control characters are removed, so a value never ends a header line
 * (RFC 5322 §2.2); direction overrides too, so it cannot turn the text around it.
 * An empty value becomes `[[name]]`, which `emailProblems` reports: a message with a hole never goes out.
 */
export function slotValues(locale: NoticeLocale, person: RenderPerson): SlotValues {
  return {
    reference: person.reference === '' ? '[[reference]]' : oneLine(formatReference(person.reference)),
    addressee: oneLine(addressee(locale, person)) || '[[addressee]]',
    exposures: exposureSentence(locale, person.exposures),
  };
}

/** The values in the order of the segments' slots, each passed through `encode`. */
export function valuesFor(segments: Segments, values: SlotValues, encode: (value: string) => string): string[] {
  return segments.slots.map((slot) => encode(values[slot]));
}

/** Puts one value into each slot. */
export function splice(segments: Segments, values: readonly string[]): string {
  let text = segments.statics[0] ?? '';
  for (let i = 0; i < values.length; i++) text += (values[i] ?? '') + (segments.statics[i + 1] ?? '');
  return text;
}

const BREAKS = /[\p{Cc}\u{2028}\u{2029}]+/gu;
/** Not seen where they stand, so no blank may come in their place: 田中\uFEFF太郎. */
const TURNING = /[\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}]+/gu;

export function oneLine(value: string): string {
  return value.replace(TURNING, '').replace(BREAKS, ' ').trim();
}

const HTML_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe in HTML text and in quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => HTML_ESCAPES[character] as string);
}
