import { buffer } from 'node:stream/consumers';
import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { type BatchChecks, checksFile, pictureFile } from '../../delivery/letter/batch-checks.ts';
import { getBatch } from '../../delivery/letter/hand-over.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import type { App, RoutePlugin } from '../route.ts';
import { IdParams, Nullable, OneOf } from '../schemas.ts';

const Pictured = {
  deliveryId: Type.String(),
  picturePage: Nullable(Type.Integer({ description: 'Page of the letter that the picture shows; null: no picture.' })),
};
const Checks = Type.Object({
  letters: Type.Integer({ description: 'Typeset and read back.' }),
  failed: Type.Array(
    Type.Object({
      ...Pictured,
      reason: OneOf('render_failed', 'check_failed'),
      findings: Type.Array(
        Type.Object({
          ...{ code: Type.String(), page: Type.Integer({ description: 'Of the letter, from 1.' }) },
          detail: Type.Optional(Type.String()),
        }),
        { description: 'The codes are told in docs/letters.md.' },
      ),
    }),
  ),
  samples: Type.Array(Type.Object(Pictured), { description: 'Good letters of which a picture was looked at too.' }),
});
const PictureParams = Type.Object({
  ...IdParams.properties,
  deliveryId: Type.String({ pattern: '^[0-9]{1,19}$' }),
});

type Needs = Pick<Services, 'db' | 'blobs' | 'vault'>;
const tags = ['letters'];

/** What reading a batch back has shown, with pictures of pages. */
export const letterCheckRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    checksRoute(app, services);
    pictureRoute(app, services);
  };

function checksRoute(app: App, { db, blobs, vault }: Needs): void {
  app.get(
    '/v1/letter-batches/:id/checks',
    {
      schema: {
        ...{ tags, summary: 'What the checks of a batch’s letters found', params: IdParams },
        response: { 200: Checks },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const batch = await getBatch(db, request.params.id);
      const name = checksFile(batch.id, batch.sha256);
      if (!(await blobs.exists(name)))
        throw new OwabiError('not_found', 'The letters of this batch were not checked yet.');
      const json = await buffer(blobs.get(name, await vault.forIncident(batch.incidentId)));
      return JSON.parse(json.toString()) as BatchChecks;
    },
  );
}

function pictureRoute(app: App, { db, blobs, vault }: Needs): void {
  app.get(
    '/v1/letter-batches/:id/checks/:deliveryId.png',
    {
      schema: {
        ...{
          tags,
          summary: 'The page of a letter as it was looked at',
          params: PictureParams,
          produces: ['image/png'],
        },
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { id, deliveryId } = request.params;
      const batch = await getBatch(db, id);
      const name = pictureFile(batch.id, batch.sha256, deliveryId);
      if (!(await blobs.exists(name))) throw new OwabiError('not_found', 'There is no picture of this letter.');
      await audit(db, request.user.id, 'letter_batch.read', 'letter_batch', id, { file: 'checks', deliveryId });
      reply.type('image/png');
      return reply.send(blobs.get(name, await vault.forIncident(batch.incidentId)));
    },
  );
}
