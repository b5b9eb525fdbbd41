import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwabiError } from '../../src/errors.ts';
import { prepareLetter } from '../../src/rendering/letter.ts';
import { makeLetterPress } from '../../src/rendering/letter-press.ts';
import { loadTemplates } from '../../src/rendering/load-templates.ts';
import type { LetterPress, PreparedLetter } from '../../src/rendering/types.ts';
import { type LetterDesk, letterDesk, peopleCsv } from '../support/letter-desk.ts';
import { person, templateOf, templatesDir, timeZone } from '../unit/rendering/rendering.fixtures.ts';

const withoutFonts = (prepared: PreparedLetter): PreparedLetter => ({
  ...prepared,
  fonts: { ...prepared.fonts, paths: ['/nowhere/NotoSansJP.ttf'] },
});

describe('a press that fails', () => {
  const prepare = async () => {
    const template = templateOf(await loadTemplates(templatesDir), 'apology', 'ja');
    return prepareLetter({ template, locale: 'ja', facts: template.sampleFacts, timeZone });
  };
  /** What it says is of the machine, and no verdict on the letters. */
  const failure = async (work: Promise<unknown>): Promise<Error> => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof Error) || error instanceof OwabiError) throw new Error(`not a failure: ${error}`);
    return error;
  };

  it('says so when its fonts cannot be read, and prints nothing in others', async () => {
    const press = makeLetterPress({ threads: 1 });
    const prepared = withoutFonts(await prepare());
    expect((await failure(press.typeset({ prepared, persons: [person()] }))).message).toContain('fonts: ENOENT');
    await press.close();
  });

  it('says so to everybody who waits when it is closed', async () => {
    const press = makeLetterPress({ threads: 1 });
    const prepared = await prepare();
    const waiting = [1, 2, 3].map(() => failure(press.typeset({ prepared, persons: [person()], check: true })));
    await press.close();
    waiting.push(failure(press.typeset({ prepared, persons: [person()] })));
    expect((await Promise.all(waiting)).map(({ message }) => message)).toEqual([
      'The typesetting thread ended.',
      'The letter press closed.',
      'The letter press closed.',
      'The letter press is closed.',
    ]);
  });
});

describe('letters whose press fails', () => {
  let desk: LetterDesk;
  let broken: LetterPress | null = null;
  beforeAll(async () => {
    desk = await letterDesk({}, (press) => ({
      ...press,
      typeset: (order) =>
        broken && order.check
          ? broken.typeset({ ...order, prepared: withoutFonts(order.prepared) })
          : press.typeset(order),
    }));
  });
  afterAll(() => desk.close());

  it('are all still to be printed, and are when it works again', async () => {
    const noticeId = await desk.sending(peopleCsv(3));
    const [task = ''] = await desk.due();
    broken = makeLetterPress({ threads: 1 });
    await expect(desk.render(task)).rejects.toThrow('cannot read its fonts');
    await broken.close();
    broken = null;
    const { letter } = await desk.get(`/v1/notices/${noticeId}/stats`);
    expect(letter).toMatchObject({ total: 3, pending: 3, unprintable: 0 });
    await desk.db.updateTable('tasks').set({ worker_id: null }).where('id', '=', task).execute();
    await desk.render(task);
    expect((await desk.get(`/v1/notices/${noticeId}/stats`)).letter).toMatchObject({ rendered: 3, unprintable: 0 });
  });
});
