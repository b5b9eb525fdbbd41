/** Email in two phases: once per notice with slots for what is personal, then splicing per person. */
import { createHash } from 'node:crypto';
import { Liquid } from 'liquidjs';
import { OwabiError } from '../errors.ts';
import { requireFacts } from './missing-facts.ts';
import { noticeView } from './notice-view.ts';
import { cutAtSlots, escapeHtml, slotSentinels, slotValues, splice, valuesFor } from './slots.ts';
import type {
  LocaleTemplate,
  PreparedEmail,
  RenderedEmail,
  RenderingInput,
  RenderingProblem,
  RenderPerson,
} from './types.ts';

/**
 * Renders everything that is the same for all persons. Facts are escaped in HTML; an unknown variable or filter in a
 * template is an error, not an empty string.
 * @throws OwabiError `missing_facts`; `render_failed`, naming template and language
 */
export async function prepareEmail({ template, locale, facts, timeZone }: RenderingInput): Promise<PreparedEmail> {
  requireFacts(template, facts);
  const scope = { ...noticeView(facts, locale, timeZone), person: slotSentinels() };
  try {
    const plain = liquid(template, false);
    const subject = cutAtSlots((await plain.parseAndRender(titleOf(template), scope)).replace(/\s+/g, ' ').trim());
    const text = cutAtSlots(tidyText(await plain.parseAndRender(template.text, scope)));
    const html = cutAtSlots(await compileMjml(await liquid(template, true).parseAndRender(template.mjml, scope)));
    return { locale, subject, html, text, sha256: sha256(JSON.stringify([locale, subject, html, text])) };
  } catch (error) {
    throw renderFailed(template, error);
  }
}

/** A person's message. Pure and fast: it only puts values between the prepared pieces. */
export function fillEmail(prepared: PreparedEmail, person: RenderPerson): RenderedEmail {
  const values = emailSlots(prepared, person);
  return {
    subject: splice(prepared.subject, values.subject),
    html: splice(prepared.html, values.html),
    text: splice(prepared.text, values.text),
  };
}

/** The values of each part's slots, in order and escaped for that part: for composing a message piece by piece. */
export function emailSlots(prepared: PreparedEmail, person: RenderPerson): Record<keyof RenderedEmail, string[]> {
  const values = slotValues(prepared.locale, person);
  return {
    subject: valuesFor(prepared.subject, values, asIs),
    html: valuesFor(prepared.html, values, escapeHtml),
    text: valuesFor(prepared.text, values, asIs),
  };
}

const asIs = (value: string): string => value;

const LEFTOVER =
  /\{\{|\}\}|\{%|%\}|\[\[|\]\]|[\u{E000}\u{E001}]|\[object |object Object|\bundefined\b|\bNaN\b|\bnull\b/u;
const REMOTE =
  /<(?:img|link|script|iframe|object|embed|video|audio|form|input)\b|@import\b|url\(\s*['"]?(?:https?:)?\/\/|<[^>]*\ssrc\s*=/i;

/** What must not go out: template tags left over, empty parts, insecure links, remote content. Empty when all is well. */
export function emailProblems(rendered: RenderedEmail): RenderingProblem[] {
  const problems: RenderingProblem[] = [];
  for (const where of ['subject', 'html', 'text'] as const) {
    const part = rendered[where];
    if (part.trim() === '' || (where === 'html' && visibleText(part) === '')) {
      problems.push({ code: 'empty', where, message: `The ${where} is empty.` });
    }
    if (LEFTOVER.test(part)) {
      problems.push({ code: 'leftover_tag', where, message: `The ${where} holds what looks like a template tag.` });
    }
    if (hasInsecureLink(where, part)) {
      problems.push({ code: 'insecure_link', where, message: `The ${where} holds an http: address; use https:.` });
    }
  }
  if (REMOTE.test(rendered.html)) {
    problems.push({ code: 'remote_content', where: 'html', message: 'The html loads or asks for something.' });
  }
  return problems;
}

/** XML namespaces of the HTML element begin with http: too and are no links. */
function hasInsecureLink(where: keyof RenderedEmail, part: string): boolean {
  if (where !== 'html') return /http:/i.test(part);
  return /http:/i.test(part.replace(/\sxmlns(?::\w+)?="[^"]*"/g, ''));
}

function visibleText(html: string): string {
  const body = html.slice(Math.max(0, html.indexOf('<body')));
  return body.replace(/<[^>]*>/g, '').replace(/&nbsp;|\s/g, '');
}

function titleOf({ mjml }: LocaleTemplate): string {
  return /<mj-title>([\s\S]*?)<\/mj-title>/.exec(mjml)?.[1] ?? '';
}

function liquid(template: LocaleTemplate, html: boolean): Liquid {
  return new Liquid({
    templates: template.partials,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    ...(html ? { outputEscape: 'escape' as const } : {}),
  });
}

async function compileMjml(mjml: string): Promise<string> {
  // Loaded when it is first needed: it takes 88 MB, and a process that reads lists has no use for it.
  const { default: mjml2html } = await import('mjml');
  // No fonts: MJML's defaults would load one from the network when the message is opened.
  const { html } = await mjml2html(mjml, { fonts: {}, validationLevel: 'strict' });
  return html;
}

/** Tags on lines of their own leave blank lines behind: at most one is kept. */
function tidyText(text: string): string {
  return `${text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

function renderFailed({ name, locale }: LocaleTemplate, cause: unknown): OwabiError {
  // Facts hold no personal data and the slots are still sentinels, so the reason may be shown.
  const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown';
  return new OwabiError('render_failed', `The template ${name} (${locale}) cannot be rendered: ${reason}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
