import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { stringify } from 'csv-stringify/sync';
import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { getBatch } from '../../delivery/letter/hand-over.store.ts';
import { takeTracking, trackedLetters } from '../../delivery/letter/tracking.store.ts';
import { OwabiError } from '../../errors.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import type { Services } from '../../services.ts';
import type { App, RoutePlugin } from '../route.ts';
import { IdParams } from '../schemas.ts';

/** A thousand lines are 40 KB. */
const MOST_BYTES = 1024 * 1024;
const tags = ['letters'];

type Needs = Pick<Services, 'db'>;

/** What the post calls the letters of a batch: taken from a file, and given as one. */
export const letterTrackingRoutes =
  ({ db }: Needs): RoutePlugin =>
  async (app) => {
    // Of these routes alone: JSON is no such file.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('text/csv', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    takingRoute(app, { db });
    givingRoute(app, { db });
  };

function takingRoute(app: App, { db }: Needs): void {
  app.post(
    '/v1/letter-batches/:id/tracking',
    {
      schema: {
        ...{ tags, summary: 'Take tracking numbers: CSV with sequence or reference, and number', params: IdParams },
        consumes: ['text/csv'],
        querystring: Type.Object({
          partial: Type.Optional(
            Type.Boolean({ description: 'Take the lines that are right although others are not.' }),
          ),
          replace: Type.Optional(Type.Boolean({ description: 'A letter may get another number than it has.' })),
        }),
        body: Type.String({ format: 'binary', description: 'UTF-8, or Shift_JIS as Excel writes it.' }),
        response: {
          200: Type.Object({
            taken: Type.Integer(),
            problems: Type.Array(Type.Object({ line: Type.Integer(), code: Type.String() }), {
              description: 'Lines that are wrong, the first 1,000 of them.',
            }),
            problemCount: Type.Integer({ description: 'How many lines are wrong.' }),
          }),
        },
      },
      validatorCompiler: (part) => (part.httpPart === 'body' ? () => true : TypeBoxValidatorCompiler(part)),
      config: { roles: ['operator'] },
    },
    async (request) => {
      const { id } = request.params;
      const { partial = false, replace = false } = request.query;
      const bytes: unknown = request.body;
      if (!Buffer.isBuffer(bytes))
        throw new OwabiError('empty_file', 'The request has no body: send the file as text/csv.');
      return await inTransaction(db, async (trx) => {
        const answer = await takeTracking(trx, id, bytes, { partial, replace });
        const detail = { taken: answer.taken, problems: answer.problemCount, replace };
        await audit(trx, request.user.id, 'letter_batch.tracked', 'letter_batch', id, detail);
        return answer;
      });
    },
  );
}

function givingRoute(app: App, { db }: Needs): void {
  app.get(
    '/v1/letter-batches/:id/tracking.csv',
    {
      schema: {
        ...{ tags, summary: 'The letters of a batch with their states and tracking numbers', params: IdParams },
        produces: ['text/csv'],
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { id } = request.params;
      await getBatch(db, id);
      const letters = await trackedLetters(db, id);
      await audit(db, request.user.id, 'letter_batch.read', 'letter_batch', id, { file: 'tracking.csv' });
      const records = letters.map(({ sequence, reference, state, trackingNumber }) => [
        ...[sequence, formatReference(reference), state, trackingNumber],
      ]);
      reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="tracking.csv"');
      return reply.send(
        stringify([['sequence', 'reference', 'state', 'number'], ...records], { record_delimiter: '\r\n' }),
      );
    },
  );
}
