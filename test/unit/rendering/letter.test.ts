import { describe, expect, it } from 'vitest';
import { letterInputs, letterProblem, prepareLetter } from '../../../src/rendering/letter.ts';
import { isLetterProblem, layOutLetter } from '../../../src/rendering/letter-layout.ts';
import { shippedProfile } from '../../../src/rendering/letter-profiles/shipped-profiles.ts';
import { loadTemplates } from '../../../src/rendering/load-templates.ts';
import { everyTemplate, person, templateOf, templatesDir, timeZone } from './rendering.fixtures.ts';

const templates = await loadTemplates(templatesDir);
const template = templateOf(templates, 'apology', 'ja');
const prepared = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });

describe('prepareLetter', () => {
  it.each(everyTemplate(templates))('prepares %s in %s to the same hash every time', (_, locale, each) => {
    const prepare = () => prepareLetter({ template: each, locale, facts: each.sampleFacts, timeZone });
    expect(prepare().sha256).toBe(prepare().sha256);
  });

  it('changes its hash with the facts', () => {
    const facts = { ...template.sampleFacts, documentDate: '2017-07-26' };
    expect(prepareLetter({ template, locale: 'ja', facts, timeZone }).sha256).not.toBe(prepared.sha256);
  });

  it('changes its hash with the envelope, which is by default that of the language', () => {
    const facts = template.sampleFacts;
    const prepare = (id: string) =>
      prepareLetter({ template, locale: 'ja', facts, timeZone, envelope: shippedProfile(id) ?? undefined });
    expect(prepare('a4-naga3-90x45').sha256).toBe(prepared.sha256);
    expect(prepare('din-5008-a').sha256).not.toBe(prepared.sha256);
    expect(prepare('letter-10-114x29').profile.page).toEqual({ width: 215.9, height: 279.4 });
  });

  it('refuses a template that cannot be printed, naming the characters', () => {
    const spoilt = { ...template, letter: template.letter.replace('謹啓', '謹啓😀') };
    const prepare = () => prepareLetter({ template: spoilt, locale: 'ja', facts: template.sampleFacts, timeZone });
    expect(prepare).toThrow(/template holds .*U\+1F600/);
  });

  it('refuses facts that cannot be printed, naming the characters', () => {
    const facts = { ...template.sampleFacts, cause: '原因😀' };
    expect(() => prepareLetter({ template, locale: 'ja', facts, timeZone })).toThrow(/U\+1F600/);
  });
});

describe('letterProblem', () => {
  it('finds nothing wrong with an ordinary person', () => {
    expect(letterProblem(prepared, person())).toBeNull();
  });

  it('prints for somebody without exposures, and for the longest brand', () => {
    expect(letterProblem(prepared, person({ exposures: [] }))).toBeNull();
    const exposures = [{ kind: 'card', units: 12, brand: 'American Express Corporate', last4: '1005' }];
    expect(letterProblem(prepared, person({ exposures }))).toBeNull();
  });

  it.each([
    '𠮷﨑 髙子',
    '𣘺本',
    '辻\u{E0100}',
    '葛\u{E0100}城',
    '葛\u{E0100}飾 﨑',
    'か\u3099ぎ',
    'José Müller',
    '神戸',
  ])('prints %s', (name) => {
    expect(letterProblem(prepared, person({ name }))).toBeNull();
  });

  it.each([
    ['山田😀', 'U+1F600'],
    ['\u{E123}田', 'U+E123'],
    ['辻\u{E0105}', 'U+8FBB U+E0105'],
    ['محمد', 'U+0645, U+062D, U+062F'],
    ['שרה', 'U+05E9, U+05E8, U+05D4'],
    ['山田👨\u200D👩', 'U+1F468, U+1F469'],
    ['\u3164', 'U+3164'],
  ])('never prints %j as a box or in another form', (name, codes) => {
    expect(letterProblem(prepared, person({ name }))).toEqual({ reason: 'missing_glyph', detail: codes });
  });

  it('misses an address that is absent or blank', () => {
    expect(letterProblem(prepared, person({ addressLines: [] }))).toMatchObject({ reason: 'no_address' });
    expect(letterProblem(prepared, person({ addressLines: ['　', ''] }))).toMatchObject({ reason: 'no_address' });
  });

  it('shrinks a long address before it gives up', () => {
    const sizeOf = (addressLines: string[]) => JSON.parse(letterInputs(prepared, person({ addressLines })))[1];
    expect(sizeOf(['東京都千代田区見本1丁目'])).toBe(10.5);
    expect(sizeOf(['東京都千代田区見本1丁目'.repeat(3), '見本ビル'])).toBe(9);
    expect(sizeOf(['東京都千代田区見本1丁目'.repeat(4), '見本ビル'])).toBe(8);
    const tooLong = letterProblem(prepared, person({ addressLines: ['東京都千代田区'.repeat(30)] }));
    expect(tooLong).toMatchObject({ reason: 'does_not_fit' });
  });

  it('breaks a name of 120 characters, and refuses it with more lines than the window shows', () => {
    expect(letterProblem(prepared, person({ name: '寿限無'.repeat(20), addressLines: ['東京都'] }))).toBeNull();
    const long = person({ name: '寿限無'.repeat(40), addressLines: ['東京都千代田区見本1丁目2番3号'] });
    expect(letterProblem(prepared, long)).toEqual({ reason: 'does_not_fit', detail: 'Address block.' });
    const envelope = shippedProfile('din-5008-b') ?? undefined;
    const roomy = prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone, envelope });
    expect(letterProblem(roomy, long)).toBeNull();
  });

  it('refuses an address of nine lines', () => {
    const addressLines = Array.from({ length: 9 }, (_, i) => `見本${i}`);
    expect(letterProblem(prepared, person({ addressLines }))).toMatchObject({ reason: 'does_not_fit' });
  });

  it('shrinks the type before it cuts a name in two, and cuts one only where no size holds it', () => {
    const linesOf = (name: string) => JSON.parse(letterInputs(prepared, person({ name, addressLines: ['東京都'] })));
    expect(linesOf('Wolfeschlegelsteinhausenbergerdorff Hubert').slice(1, 3)).toEqual([
      9,
      ['〒100-0001', '東京都', 'Wolfeschlegelsteinhausenbergerdorff', 'Hubert 様'],
    ]);
    const [, size, lines] = linesOf('W'.repeat(40));
    expect(size).toBe(10.5);
    expect(lines.slice(2).join('')).toBe(`${'W'.repeat(40)} 様`);
  });

  it.each([
    ...['\u200E見本\u200B花\u00AD子\u2060', '見本\u200D花\u200C子', '見本\u3164花子', '\uFEFF見本\uFEFF花子'],
    ...['\u202E見本\u202C花子', '見本\u2066花\u2069子'],
  ])('leaves out what nobody sees in %j, and puts no blank in its place', (name) => {
    const addressLines = [`東京都${name}`, '\u3164'];
    const [, , lines] = JSON.parse(letterInputs(prepared, person({ name, addressLines, company: name.repeat(2) })));
    expect(lines.slice(1)).toEqual(['東京都見本花子', '見本花子見本花子', '見本花子 様']);
    const exposures = [{ kind: 'card', units: 1, brand: name, last4: '1005' }];
    expect(JSON.parse(letterInputs(prepared, person({ exposures })))[3]).toEqual(['見本花子 下4桁 1005']);
  });

  it('takes an address of which nothing is seen for none', () => {
    expect(letterProblem(prepared, person({ addressLines: ['\u200B', '\u3164'] }))).toMatchObject({
      reason: 'no_address',
    });
  });

  it.each([
    ['セントラルレジデンスグランドタワーズ', 9, 'セントラルレジデンスグランドタワーズ'],
    ['サウスゲートビルディングセントラルタワーズ23階', 8, 'サウスゲートビルディングセントラルタワーズ'],
    ['見本通見本見本見本見本見本見本今出川町123番地45', 9, '今出川町'],
    ['見本タワーマンション札幌駅前セントラルレジデンス3210号室', 10.5, 'セントラルレジデンス'],
    ['京都府京都市上京区烏丸通今出川上る西入今出川町123番地45', 10.5, '今出川町'],
  ])(
    'shrinks the type before it cuts a word in Katakana or a place in two, and not without need: %s',
    (line, pt, whole) => {
      const [, size, lines] = JSON.parse(letterInputs(prepared, person({ addressLines: [line] })));
      expect(size).toBe(pt);
      expect(lines.join('|')).toContain(whole);
    },
  );

  it('says nothing personal about what is wrong', () => {
    const problem = letterProblem(prepared, person({ name: '秘密😀', addressLines: ['秘密の町'] }));
    expect(JSON.stringify(problem)).not.toMatch(/秘密/);
  });
});

describe('letterInputs', () => {
  it('is the same for the same person and differs with what is printed', () => {
    expect(letterInputs(prepared, person())).toBe(letterInputs(prepared, person()));
    for (const different of [
      { name: '見本 太郎' },
      { reference: 'ABCD2345X' },
      { addressLines: ['大阪府'] },
      { exposures: [{ kind: 'card', units: 1, brand: 'VISA', last4: '0000' }] },
    ]) {
      expect(letterInputs(prepared, person(different))).not.toBe(letterInputs(prepared, person()));
    }
  });

  it('addresses within Japan postcode first, abroad name first and country last', () => {
    const [, , inland] = JSON.parse(letterInputs(prepared, person()));
    expect(inland).toEqual(['〒100-0001', '東京都千代田区見本1丁目2番3号', '見本マンション101', '見本 花子 様']);
    const abroad = person({ country: 'US', postalCode: '98101', addressLines: ['1 Example St', 'Seattle WA'] });
    expect(JSON.parse(letterInputs(prepared, abroad))[2]).toEqual([
      '見本 花子 様',
      '1 Example St',
      'SEATTLE WA 98101',
      'UNITED STATES',
    ]);
  });

  it('writes to a department in its company’s stead, the company above it', () => {
    const toWhom = (different: Parameters<typeof person>[0]) =>
      JSON.parse(letterInputs(prepared, person({ addressLines: ['東京都'], ...different })))[2].slice(2);
    const [company, department] = ['株式会社見本', '総務部'];
    expect(toWhom({ name: company, company, department })).toEqual(['株式会社見本', '総務部 御中']);
    expect(toWhom({ name: '', company, department })).toEqual(['株式会社見本', '総務部 御中']);
    expect(toWhom({ name: company, company })).toEqual(['株式会社見本 御中']);
    expect(toWhom({ name: '見本支店', honorific: '御中', company, department })).toEqual([
      '株式会社見本　見本支店',
      '総務部 御中',
    ]);
    expect(toWhom({ company, department })).toEqual(['株式会社見本　総務部', '見本 花子 様']);
  });

  it('puts the code where the country wants it, and names no country within it', () => {
    const inGermany = shippedProfile('din-5008-a') ?? undefined;
    const shared = prepareLetter({
      template,
      locale: 'ja',
      facts: template.sampleFacts,
      timeZone,
      envelope: inGermany,
    });
    const linesOf = (different: Parameters<typeof person>[0]) => JSON.parse(letterInputs(shared, person(different)))[2];
    const street = ['Musterstr. 1', 'Berlin'];
    const german = { name: 'Eva Muster', honorific: 'Frau', addressLines: street, postalCode: '10115', country: 'DE' };
    expect(linesOf(german)).toEqual(['Frau Eva Muster', 'Musterstr. 1', '10115 Berlin']);
    expect(linesOf({ ...german, addressLines: ['Musterstr. 1', '10115 Berlin'] })).toHaveLength(3);
    expect(linesOf({ ...german, country: 'GB', postalCode: 'EC1A 1BB' }).slice(-3)).toEqual([
      ...['BERLIN', 'EC1A 1BB', 'UNITED KINGDOM'],
    ]);
    expect(linesOf({})).toEqual([
      ...['見本 花子 様', '東京都千代田区見本1丁目2番3号', '見本マンション101', '〒100-0001', 'JAPAN'],
    ]);
  });

  it.each([
    ['GB', 'SW1A 1AA', ['10 Example Street', 'Bury St Edmunds'], ['BURY ST EDMUNDS', 'SW1A 1AA']],
    ['GB', 'SW1A 1AA', ['10 Example Street', 'London SW1A 1AA'], ['10 Example Street', 'LONDON SW1A 1AA']],
    ['US', '98101', ['1 Example St', 'Seattle, Wa'], ['1 Example St', 'SEATTLE, WA 98101']],
    ['US', '98101', ['1 Example St', 'Seattle WA 98101'], ['1 Example St', 'SEATTLE WA 98101']],
    // Perhaps no town, so it stays as the list says it.
    ['GB', 'SW1A 1AA', ['Example House', 'Flat 2, London'], ['Flat 2, London', 'SW1A 1AA']],
    ['GB', 'SW1A 1AA', ['Example Street, London'], ['Example Street, London', 'SW1A 1AA']],
    ['GB', 'SW1A 1AA', ['The Old Rectory'], ['The Old Rectory', 'SW1A 1AA']],
    ['GB', 'SW1A 1AA', ['1 Example Street', 'Llanfair Pwllgŵyn'], ['Llanfair Pwllgŵyn', 'SW1A 1AA']],
    ['US', '98101', ['1 Example St', 'Seattle'], ['1 Example St', 'Seattle 98101']],
    ['US', '98101', ['1 Example St', 'Apt 5, Seattle WA'], ['1 Example St', 'Apt 5, Seattle WA 98101']],
    ['DE', '10115', ['Musterstr. 1', 'Berlin'], ['Musterstr. 1', '10115 Berlin']],
  ])('in %s with %s puts %j so', (country, postalCode, addressLines, place) => {
    const shown = JSON.parse(letterInputs(prepared, person({ country, postalCode, addressLines })))[2] as string[];
    // The last line names the country.
    expect(shown.slice(0, -1).slice(-place.length)).toEqual(place);
  });

  it('lists each card with its last four digits and counts what is beyond the room', () => {
    expect(JSON.parse(letterInputs(prepared, person()))[3]).toEqual(['VISA 下4桁 4821', 'JCB 下4桁 9073']);
    const many = Array.from({ length: 20 }, (_, i) => ({
      kind: 'card',
      units: 1,
      brand: 'VISA',
      last4: String(1000 + i),
    }));
    const listed = JSON.parse(letterInputs(prepared, person({ exposures: many })))[3];
    expect(listed).toHaveLength(10);
    expect(listed.at(-1)).toBe('ほか11件');
  });
});

describe('the barcode below the address', () => {
  const bars = [{ x: 0, y: 0, w: 0.45, h: 2.8 }];
  const withBars = (width: number, height = 2.8) => ({
    ...prepared,
    barcode: () => ({ kind: 'customer' as const, data: '1 0 0', bars, width, height }),
  });
  const layout = (different: Parameters<typeof person>[0], shared = withBars(60)) => {
    const laid = layOutLetter(shared, person(different));
    if (isLetterProblem(laid)) throw new Error(laid.reason);
    return laid;
  };

  it('stands 2 mm below the last line, 2 mm from whatever may hide it, at the cost of a smaller type', () => {
    const { visibleZone: zone, address } = prepared.profile;
    for (const addressLines of [
      ['東京都千代田区見本1丁目2番3号'],
      ['東京都千代田区見本1丁目2番3号', '見本ビル', '二階'],
    ]) {
      const { address: set, barcode } = layout({ addressLines });
      const height = ((set.lines.length - 1) * set.size.step + 1) * set.size.pt * (25.4 / 72);
      expect(barcode?.y).toBeGreaterThanOrEqual(address.y + height + 2);
      expect(barcode?.x).toBeGreaterThanOrEqual(zone.x + 2);
      expect((barcode?.x ?? 0) + 60).toBeLessThanOrEqual(zone.x + zone.width - 2);
      expect((barcode?.y ?? 0) + 2.8).toBeLessThanOrEqual(zone.y + zone.height - 2);
    }
    expect(layout({}).address.size.pt).toBe(9);
    expect(layout({}, prepared as ReturnType<typeof withBars>).address.size.pt).toBe(10.5);
  });

  it('is left out where it has no room, and the letter is printed', () => {
    const addressLines = ['東京都千代田区見本1丁目2番3号', '見本ビル', '二階', '東側'];
    expect(layout({ addressLines })).toMatchObject({ barcode: null });
    expect(layout({}, withBars(61.5))).toMatchObject({ barcode: null, address: { size: { pt: 10.5 } } });
    const long = { name: 'Wolfeschlegelsteinhausenbergerdorff Hubert', addressLines: ['東京都'] };
    expect(layout(long, withBars(61.5))).toMatchObject({ barcode: null, address: { size: { pt: 9 } } });
  });

  it('says why it is left out', () => {
    const addressLines = ['東京都千代田区見本1丁目2番3号', '見本ビル', '二階', '東側'];
    expect(layout({ addressLines })).toMatchObject({ barcode: null, noBarcode: 'address_too_high' });
    expect(layout({})).toMatchObject({ noBarcode: null });
    const none = { ...prepared, barcode: () => ({ none: 'general_code' as const }) };
    expect(layOutLetter(none, person())).toMatchObject({ barcode: null, noBarcode: 'general_code' });
  });

  it('makes nothing smaller abroad: it stands below the address as that is, or is left out', () => {
    const abroad = (addressLines: string[]) =>
      layout({ name: 'Jane Sample', country: 'GB', postalCode: null, addressLines });
    expect(abroad(['LONDON'])).toMatchObject({ address: { size: { pt: 10.5 } }, barcode: { kind: 'customer' } });
    const high = { address: { size: { pt: 10.5 } }, barcode: null, noBarcode: 'address_too_high' };
    expect(abroad(['1 Example Street', 'LONDON'])).toMatchObject(high);
    const inJapan = layout({ name: 'Jane Sample', addressLines: ['1 Example Street', 'LONDON'] });
    expect(inJapan).toMatchObject({ address: { size: { pt: 9 } }, noBarcode: null });
    const long = abroad(['Wolfeschlegelsteinhausenbergerdorff', 'LONDON']);
    expect(long).toMatchObject({ address: { size: { pt: 9 } }, barcode: { kind: 'customer' } });
  });

  it('is asked for with the width that always shows, 3.2 mm clear for an American one', () => {
    const asked: number[] = [];
    const barcode = (_: unknown, width: number) => {
      asked.push(width);
      return { none: 'no_room' as const };
    };
    layOutLetter({ ...prepared, barcode }, person());
    layOutLetter({ ...prepared, barcode }, person({ country: 'US' }));
    const address = { ...prepared.profile.address, x: prepared.profile.visibleZone.x + 12, width: 53 };
    layOutLetter({ ...prepared, profile: { ...prepared.profile, address }, barcode }, person());
    // What stands further in leaves a barcode so much less.
    expect(asked).toEqual([61, 58.6, 51]);
  });

  it('is part of what is approved', () => {
    const other = {
      ...prepared,
      barcode: () => ({ kind: 'customer' as const, data: '2', bars, width: 60, height: 2 }),
    };
    expect(letterInputs(withBars(60), person())).not.toBe(letterInputs(other, person()));
  });
});
