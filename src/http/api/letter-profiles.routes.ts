import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { OwabiError } from '../../errors.ts';
import { missingGlyphs } from '../../rendering/glyph-table.ts';
import { calibrationSheet } from '../../rendering/letter-profiles/calibration-sheet.ts';
import { profileFaults } from '../../rendering/letter-profiles/check-profile.ts';
import { EnvelopeProfile, NewEnvelopeProfile } from '../../rendering/letter-profiles/envelope-profile.ts';
import { createProfile, findProfile, ownProfiles } from '../../rendering/letter-profiles/letter-profiles.store.ts';
import { shippedProfiles } from '../../rendering/letter-profiles/shipped-profiles.ts';
import type { LetterParts, LetterPress, TemplateSet } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { Page, PageQuery } from '../schemas.ts';

interface Needs extends Pick<Services, 'db' | 'templates'> {
  press: LetterPress;
}

const tags = ['letters'];
// What is no id is answered like an id that is not there.
const ProfileParams = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** Envelope profiles: those of the service and those made here, with a sheet to try each. */
export const letterProfileRoutes =
  ({ db, templates, press }: Needs): RoutePlugin =>
  async (app) => {
    const { calibration, fonts } = lettersOf(templates);
    const getProfile = async (id: string): Promise<EnvelopeProfile> => {
      const profile = await findProfile(db, id);
      if (!profile) throw new OwabiError('not_found', 'There is no envelope profile with this id.');
      return profile;
    };
    app.get(
      '/v1/letter-profiles',
      {
        schema: {
          ...{ tags, summary: 'Envelope profiles: those of the service first', querystring: PageQuery },
          response: { 200: Page(EnvelopeProfile) },
        },
      },
      async (request) => {
        const page = pageRequest(request.query);
        const own = await ownProfiles(db, page.after, page.limit + 1);
        const answer = pageOf(
          own,
          page,
          ({ id }) => id.slice('own-'.length),
          (profile) => profile,
        );
        return page.after === null ? { ...answer, items: [...shippedProfiles, ...answer.items] } : answer;
      },
    );
    app.post(
      '/v1/letter-profiles',
      {
        schema: {
          ...{ tags, summary: 'Make an envelope profile, once and for all', body: NewEnvelopeProfile },
          response: { 201: EnvelopeProfile },
        },
        config: { roles: ['operator'], creates: true },
      },
      async (request, reply) => {
        refuseFaults(request.body, fonts);
        const profile = await createProfile(db, request.user.id, request.body);
        await audit(db, request.user.id, 'letter_profile.created', 'letter_profile', profile.id.slice('own-'.length));
        return reply.code(201).send(profile);
      },
    );
    app.get(
      '/v1/letter-profiles/:id',
      { schema: { tags, summary: 'An envelope profile', params: ProfileParams, response: { 200: EnvelopeProfile } } },
      async (request) => getProfile(request.params.id),
    );
    app.get(
      '/v1/letter-profiles/:id/calibration.pdf',
      {
        schema: {
          ...{ tags, summary: 'A sheet to print, fold and enclose: does the window show what it should?' },
          ...{ params: ProfileParams, produces: ['application/pdf'] },
        },
      },
      async (request, reply) => {
        const order = calibrationSheet(await getProfile(request.params.id), { calibration, fonts });
        return reply.type('application/pdf').send(Buffer.from(await press.typesetPages(order)));
      },
    );
  };

/** What all templates share for their letters. */
function lettersOf(templates: TemplateSet): LetterParts {
  for (const { locales } of templates.values()) for (const { letterParts } of locales.values()) return letterParts;
  throw new Error('There are no templates.');
}

/** @throws OwabiError `invalid_body` with every fault */
function refuseFaults(profile: NewEnvelopeProfile, fonts: LetterParts['fonts']): void {
  const missing = missingGlyphs(fonts.sans, profile.name + profile.source);
  const errors = [
    ...profileFaults(profile),
    ...(missing.length > 0
      ? [{ path: 'name', message: `Name or source cannot be printed: ${missing.join(', ')}.` }]
      : []),
  ];
  if (errors.length === 0) return;
  const detail = `Letters cannot be made for this profile: ${errors.map(({ message }) => message).join(' ')}`;
  throw new OwabiError('invalid_body', detail, { errors });
}
