import { describe, expect, it } from 'vitest';
import { emailProblems, emailSlots, fillEmail, prepareEmail } from '../../../src/rendering/email.ts';
import { loadTemplates } from '../../../src/rendering/load-templates.ts';
import { splice } from '../../../src/rendering/slots.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from './rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const apology = templateOf(templates, 'apology', 'ja');
const prepareApology = () => prepareEmail({ template: apology, locale: 'ja', facts: apology.sampleFacts, timeZone });

describe.each(everyTemplate(templates))('the %s email in %s', (_, locale, template) => {
  const prepare = () => prepareEmail({ template, locale, facts: template.sampleFacts, timeZone });

  it('renders with its sample facts and leaves no tag, no hole and no link behind', async () => {
    const email = fillEmail(await prepare(), person());
    expect(emailProblems(email)).toEqual([]);
    expect(email.html).not.toMatch(/<a\s|<img/);
  });

  it('loads nothing when it is opened, and names one address on the web: the front page of the organisation', async () => {
    const { html, text } = fillEmail(await prepare(), person());
    const bare = html.replaceAll(/\sxmlns(?::\w+)?="[^"]*"/g, '');
    expect(bare).not.toMatch(/\s(?:src|srcset|href|background|poster|action|data)\s*=|url\(|@import/i);
    expect(bare).not.toMatch(
      /<(?:link|script|iframe|object|embed|form|input|video|audio|svg|base|meta[^>]+refresh)\b/i,
    );
    const { website } = template.sampleFacts.organisation;
    expect(new URL(website).pathname).toBe('/');
    for (const part of [bare, text]) {
      expect([...part.matchAll(/(?:https?:)?\/\/[\w./-]+/g)].map(([address]) => address)).toEqual([website]);
    }
  });

  it('says the same in html and text: hotline, hours, reference, every public entry and no other', async () => {
    const { html, text } = fillEmail(await prepare(), person());
    for (const part of [html, text]) {
      expect(part).toContain('7K3M-9QXZ-4');
      expect(part).toContain('0120-000-000');
      expect(part).toMatch(/10:00[～–]19:00/);
      for (const entry of template.sampleFacts.timeline) {
        if (entry.public) expect(part).toContain(entry.text);
        else expect(part).not.toContain(entry.text);
      }
    }
  });

  it('never shows a digit of a card', async () => {
    const { subject, html, text } = fillEmail(await prepare(), person());
    for (const digits of ['4821', '9073']) expect(subject + html + text).not.toContain(digits);
  });

  it('is prepared to the same hash every time', async () => {
    expect((await prepare()).sha256).toBe((await prepare()).sha256);
  });
});

describe('prepareEmail', () => {
  it('computes weekdays, marks and openings from the facts', async () => {
    const { text } = fillEmail(await prepareApology(), person());
    expect(text).toContain('2017年6月2日（金）10:00');
    expect(text).toContain('エ　セキュリティコード');
    expect(text).toContain('9,822件（クレジットカード番号の数）');
    expect(text).toContain('7月29日（土）、7月30日（日）、8月5日（土）、8月6日（日）10:00～19:00');
  });

  it('escapes facts in html and leaves them alone in text', async () => {
    const facts = { ...apology.sampleFacts, cause: '<script>alert(1)</script> & "quotes"' };
    const email = fillEmail(await prepareEmail({ template: apology, locale: 'ja', facts, timeZone }), person());
    expect(email.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp;');
    expect(email.html).not.toContain('<script');
    expect(email.text).toContain('<script>alert(1)</script> & "quotes"');
  });

  it('refuses to render without a fact that the template requires', async () => {
    const { cause: _cause, ...facts } = apology.sampleFacts;
    await expect(prepareEmail({ template: apology, locale: 'ja', facts, timeZone })).rejects.toMatchObject({
      code: 'missing_facts',
      message: expect.stringContaining('cause'),
    });
  });

  it('renders the warning from facts that do not know cause, scale or prevention yet', () => {
    expect(templates.get('warning')?.requires).toEqual([]);
    expect(templateOf(templates, 'warning', 'ja').sampleFacts.cause).toBeUndefined();
  });

  it.each([['{{ nobody }}'], ['{{ cause | shout }}']])('fails on %s instead of leaving it out', async (tag) => {
    const template = { ...apology, text: tag };
    await expect(prepareEmail({ template, locale: 'ja', facts: apology.sampleFacts, timeZone })).rejects.toMatchObject({
      code: 'render_failed',
    });
  });

  it('takes no slot from a fact that looks like one', async () => {
    const facts = { ...apology.sampleFacts, cause: 'reference' };
    const { text } = await prepareEmail({ template: apology, locale: 'ja', facts, timeZone });
    expect(text.slots.filter((slot) => slot === 'reference')).toHaveLength(1);
  });
});

describe('fillEmail', () => {
  const awkward = [
    '<b>太郎</b> & "花子"',
    "O'Neil $& $1 $$",
    '辻󠄀 葛󠄀',
    '𠮷﨑 髙子',
    'محمد علي',
    'x'.repeat(300),
    '{ curly } %',
  ];

  it.each(awkward)('puts %j into html escaped, into text as it is', async (name) => {
    const email = fillEmail(await prepareApology(), person({ name }));
    expect(email.text).toContain(`${name} 様`);
    const escaped = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(email.html).toContain(escaped.replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
  });

  it('keeps line breaks, NUL and direction overrides of a name out of every part', async () => {
    const prepared = await prepareApology();
    const slots = emailSlots(prepared, person({ name: 'a\r\nBcc: x@example.jp\u0000\u202Eb' }));
    expect(slots.text[0]).toBe('a Bcc: x@example.jp b 様');
    expect(emailSlots(prepared, person({ name: '見\uFEFF本\u2066 花子\u2069' })).text[0]).toBe('見本 花子 様');
    const subject = { statics: ['', ''], slots: ['addressee' as const] };
    const email = fillEmail({ ...prepared, subject }, person({ name: 'a\r\nBcc: x' }));
    expect(email.subject).toBe('a Bcc: x 様');
  });

  it('gives the pieces from which the same message is spliced', async () => {
    const prepared = await prepareApology();
    const slots = emailSlots(prepared, person());
    expect(splice(prepared.html, slots.html)).toBe(fillEmail(prepared, person()).html);
    expect(prepared.html.statics).toHaveLength(prepared.html.slots.length + 1);
  });

  it('counts cards over all exposures, whatever is known of them', async () => {
    const exposures = [
      { kind: 'card', units: 2, brand: null, last4: null },
      { kind: 'card', units: 1, brand: 'VISA', last4: '4821' },
    ];
    const { text } = fillEmail(await prepareApology(), person({ exposures }));
    expect(text).toContain('クレジットカード3枚が本件の対象');
  });

  it('does not tell somebody without exposures that they are affected', async () => {
    const email = fillEmail(await prepareApology(), person({ exposures: [] }));
    expect(email.text).toContain('現在までのところ確認されておりません');
    expect(emailProblems(email)).toEqual([]);
  });

  it('shows a hole as a tag, so that a message to nobody is found out', async () => {
    const email = fillEmail(await prepareApology(), person({ name: ' ' }));
    expect(emailProblems(email)).toContainEqual(expect.objectContaining({ code: 'leftover_tag', where: 'text' }));
  });
});

describe('emailProblems', () => {
  const good = { subject: 's', html: '<body>h</body>', text: 't' };

  it.each([
    [{ ...good, text: 'Hello {{ name }}' }, 'leftover_tag', 'text'],
    [{ ...good, subject: 'Dear undefined' }, 'leftover_tag', 'subject'],
    [{ ...good, html: '<body>[object Object]</body>' }, 'leftover_tag', 'html'],
    [{ ...good, subject: ' ' }, 'empty', 'subject'],
    [{ ...good, html: '<body><p>&nbsp;</p></body>' }, 'empty', 'html'],
    [{ ...good, text: 'see http://www.example.jp' }, 'insecure_link', 'text'],
    [{ ...good, html: '<body><a href="http://www.example.jp">x</a></body>' }, 'insecure_link', 'html'],
    [{ ...good, html: '<body>x<img src="https://www.example.jp/p.gif"></body>' }, 'remote_content', 'html'],
  ])('finds fault with %j: %s', (email, code, where) => {
    expect(emailProblems(email)).toEqual([expect.objectContaining({ code, where })]);
  });
});
