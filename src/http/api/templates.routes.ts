import Type from 'typebox';
import { OwabiError } from '../../errors.ts';
import type { Facts } from '../../incident/facts.ts';
import type { NoticeTemplate } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import type { RoutePlugin } from '../route.ts';
import { OneOf, Page } from '../schemas.ts';

const Template = Type.Object({
  name: Type.String(),
  locales: Type.Array(OneOf('ja', 'en')),
  sampleFacts: Type.Unsafe<Record<string, Facts>>(
    Type.Object({}, { additionalProperties: true, description: 'By locale: complete facts with which it renders.' }),
  ),
});
const NameParams = Type.Object({ name: Type.String({ maxLength: 64 }) });

/** What can be said: the templates of notices. */
export const templateRoutes =
  ({ templates }: Pick<Services, 'templates'>): RoutePlugin =>
  async (app) => {
    app.get('/v1/templates', { schema: { summary: 'All templates', response: { 200: Page(Template) } } }, async () => ({
      items: [...templates.values()].map(shown),
      nextCursor: null,
    }));
    app.get(
      '/v1/templates/:name',
      { schema: { summary: 'One template', params: NameParams, response: { 200: Template } } },
      async (request) => {
        const template = templates.get(request.params.name);
        if (!template) throw new OwabiError('not_found', 'There is no template with this name.');
        return shown(template);
      },
    );
  };

function shown({ name, locales }: NoticeTemplate) {
  const entries = [...locales].map(([locale, { sampleFacts }]) => [locale, sampleFacts]);
  return { name, locales: [...locales.keys()], sampleFacts: Object.fromEntries(entries) as Record<string, Facts> };
}
