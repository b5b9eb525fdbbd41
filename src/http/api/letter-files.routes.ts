import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { type BatchFileName, batchFile } from '../../delivery/letter/batch-files.ts';
import { noteFetched } from '../../delivery/letter/cancel-batch.store.ts';
import { getBatch } from '../../delivery/letter/hand-over.store.ts';
import { bundleOf } from '../../delivery/letter/printer/bundle.ts';
import { askToDrop } from '../../delivery/letter/printer/drop-batch.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { ageEncrypted } from '../../vault/age.ts';
import type { App, RoutePlugin } from '../route.ts';
import { IdParams } from '../schemas.ts';

type Needs = Pick<Services, 'db' | 'blobs' | 'vault' | 'hint' | 'config'>;
const tags = ['letters'];

/** The files of letter batches, as the printer gets them. Every reading is audited. */
export const letterFileRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    fileRoutes(app, services);
    bundleRoutes(app, services);
    dropRoute(app, services);
  };

const types: Record<BatchFileName, string> = {
  'letters.pdf': 'application/pdf',
  'manifest.csv': 'text/csv; charset=utf-8',
  'summary.pdf': 'application/pdf',
  SHA256SUMS: 'text/plain; charset=utf-8',
};

/** A batch whose files are the printer's. @throws OwabiError `wrong_state` */
async function printable(db: Services['db'], id: string) {
  const batch = await getBatch(db, id);
  if (batch.state === 'rendering' || batch.state === 'cancelled' || batch.sha256 === null) {
    throw new OwabiError('wrong_state', `The batch is ${batch.state}: there is nothing for the printer.`);
  }
  return { ...batch, sha256: batch.sha256 };
}

function attach(reply: FastifyReply, name: string, type: string): FastifyReply {
  return reply.type(type).header('content-disposition', `attachment; filename="${name}"`);
}

function fileRoutes(app: App, { db, blobs, vault }: Needs): void {
  for (const [name, type] of Object.entries(types) as [BatchFileName, string][]) {
    app.get(
      `/v1/letter-batches/:id/${name}`,
      {
        schema: { tags, summary: `${name} of a batch`, params: IdParams, produces: [type.split(';')[0] ?? type] },
        config: { roles: ['operator'] },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string };
        const batch = await printable(db, id);
        // Batches of an older version have two files.
        if (batch.files === null && name !== 'letters.pdf' && name !== 'manifest.csv') {
          throw new OwabiError('not_found', `The batch was rendered by an old version: it has no ${name}.`);
        }
        await audit(db, request.user.id, 'letter_batch.read', 'letter_batch', id, { file: name });
        if (name === 'letters.pdf') await noteFetched(db, id);
        attach(reply, `batch-${batch.number}-${name}`, type);
        return reply.send(blobs.get(batchFile(id, batch.sha256, name), await vault.forIncident(batch.incidentId)));
      },
    );
  }
}

function bundleRoutes(app: App, { db, blobs, vault, config }: Needs): void {
  const open = async (id: string, userId: string, file: string) => {
    const batch = await printable(db, id);
    const bundle = bundleOf(batch, blobs, await vault.forIncident(batch.incidentId));
    await audit(db, userId, 'letter_batch.read', 'letter_batch', id, { file });
    await noteFetched(db, id);
    return bundle;
  };
  app.get(
    '/v1/letter-batches/:id/bundle.zip',
    {
      schema: { tags, summary: 'All files of a batch', params: IdParams, produces: ['application/zip'] },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const bundle = await open(request.params.id, request.user.id, 'bundle.zip');
      attach(reply, bundle.name, 'application/zip').header('content-length', bundle.bytes);
      return reply.send(bundle.read());
    },
  );
  app.get(
    '/v1/letter-batches/:id/bundle.zip.age',
    {
      schema: {
        ...{ tags, summary: 'All files of a batch, encrypted to the printer’s key (age)', params: IdParams },
        produces: ['application/octet-stream'],
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { ageRecipient } = config.printer;
      if (ageRecipient === null) throw new OwabiError('no_printer', 'PRINTER_AGE_RECIPIENT is not set.');
      const bundle = await open(request.params.id, request.user.id, 'bundle.zip.age');
      attach(reply, `${bundle.name}.age`, 'application/octet-stream');
      const encrypted: Readable = await ageEncrypted(bundle.read(), ageRecipient);
      return reply.send(encrypted);
    },
  );
}

function dropRoute(app: App, { db, hint, config }: Needs): void {
  app.post(
    '/v1/letter-batches/:id/deliver',
    {
      schema: {
        ...{ tags, summary: 'Put the bundle where the printer takes it, once more if need be', params: IdParams },
        response: { 202: Type.Object({ delivering: Type.Boolean() }) },
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      if (config.printer.drop === null) {
        throw new OwabiError('no_printer', 'Neither PRINTER_SFTP_URL nor PRINTER_S3_URL is set.');
      }
      const { id } = request.params;
      const taskId = await inTransaction(db, async (trx) => {
        await audit(trx, request.user.id, 'letter_batch.delivery_asked', 'letter_batch', id);
        return await askToDrop(trx, id);
      });
      hint('drop-batch', taskId);
      return reply.code(202).send({ delivering: true });
    },
  );
}
