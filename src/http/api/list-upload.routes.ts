import { createHash } from 'node:crypto';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { listKinds } from '../../intake/columns/list-kind.ts';
import { checkOptions } from '../../intake/lists/check-options.store.ts';
import { finishReceiving, startReceiving } from '../../intake/lists/list.store.ts';
import { requireIncident } from '../../intake/lists/list-pages.store.ts';
import { abandonUpload, type StoredUpload, storeUpload } from '../../intake/lists/uploads.store.ts';
import { encodings } from '../../intake/reading/encoding.ts';
import type { Services } from '../../services.ts';
import { giveAgain } from '../plugins/idempotency.ts';
import type { App } from '../route.ts';
import { closed, IdParams, OneOf } from '../schemas.ts';
import { List, showList } from './list-answers.ts';
import { type RawFields, readFields, readMultipart } from './upload-body.ts';

const UploadQuery = Type.Object({
  accept: Type.Optional(OneOf('auto')),
  // Beside a body that is the file itself; a form has fields of these names, which go before.
  kind: Type.Optional(OneOf(...listKinds)),
  source: Type.Optional(Type.String({ maxLength: 200 })),
  encoding: Type.Optional(Type.String({ maxLength: 40 })),
  sheet: Type.Optional(Type.String({ maxLength: 200 })),
  releaseOn: Type.Optional(Type.String({ maxLength: 10 })),
  mapping: Type.Optional(Type.String({ description: 'JSON: column → field.' })),
  notCards: Type.Optional(Type.String({ description: 'JSON: columns exempt from the card-number guard.' })),
});

// For the document only: the body is a stream, which the handler reads and judges.
const UploadBody = {
  content: {
    'multipart/form-data': {
      schema: closed({
        file: Type.String({ contentMediaType: 'text/csv' }),
        mapping: Type.Optional(Type.String({ description: 'JSON: column → field.' })),
        encoding: Type.Optional(OneOf(...encodings)),
        source: Type.Optional(Type.String({ maxLength: 200, description: 'Name of the system it came from.' })),
        kind: Type.Optional(OneOf(...listKinds)),
        sheet: Type.Optional(Type.String({ description: 'Of a workbook; absent: the first visible one.' })),
        releaseOn: Type.Optional(Type.String({ format: 'date', description: 'Of holds: when to look again.' })),
        notCards: Type.Optional(Type.String({ description: 'JSON: columns exempt from the card-number guard.' })),
      }),
    },
    'text/csv': { schema: Type.String() },
  },
};

/** A list comes in: as a form or as it is, streamed into a sealed file. */
export function uploadRoute(app: App, services: Pick<Services, 'config' | 'db' | 'vault' | 'blobs' | 'hint'>): void {
  const { config, db, vault, blobs, hint } = services;
  app.post(
    '/v1/incidents/:id/lists',
    {
      schema: {
        ...{
          tags: ['lists'],
          summary: 'Upload a list',
          params: IdParams,
          querystring: UploadQuery,
          response: { 202: List },
        },
        body: UploadBody,
      },
      validatorCompiler: (part) => (part.httpPart === 'body' ? () => true : TypeBoxValidatorCompiler(part)),
      config: { roles: ['operator'], creates: 'by_handler' },
      preParsing: async (request) => refuseEarly(request, config.maxUploadBytes),
    },
    async (request, reply) => {
      const incidentId = request.params.id;
      await requireIncident(db, incidentId);
      const incidentVault = await vault.forIncident(incidentId);
      const listId = await startReceiving(db, incidentId, request.user.id);
      let settled = false;
      try {
        const { raw, stored } = await receive(request, (file) =>
          storeUpload({ blobs, vault: incidentVault, listId, maxBytes: config.maxUploadBytes }, file),
        );
        const { kind, source, releaseOn, ...options } = readFields({ ...raw });
        await checkOptions({ blobs, vault: incidentVault, listId, bytes: stored.bytes }, options);
        const first = await request.idempotency.begin(hashOf(raw, stored));
        if (first !== 'new') {
          // Before the answer: whoever has it must not find a second list.
          await abandonUpload(services, listId);
          settled = true;
          return giveAgain(reply, first);
        }
        const { list, taskId } = await inTransaction(db, async (trx) => {
          const received = {
            ...{ kind, source, releaseOn, ...stored, acceptWhenReady: request.query.accept === 'auto' },
            optionsSealed: incidentVault.sealJson('list-columns', options),
          };
          await audit(trx, request.user.id, 'list.uploaded', 'list', listId, { notCards: options.notCards.length });
          return finishReceiving(trx, listId, received);
        });
        settled = true;
        hint('check-list', taskId);
        return reply.code(202).send(showList(list));
      } finally {
        // What is still to come is taken and thrown away: a client that only listens when it has sent all must not find
        // the connection closed instead of an answer.
        request.raw.resume();
        if (!settled) await abandonUpload(services, listId);
      }
    },
  );
}

async function receive(
  request: FastifyRequest,
  store: (file: AsyncIterable<Buffer>) => Promise<StoredUpload>,
): Promise<{ raw: RawFields; stored: StoredUpload }> {
  const { accept: _, ...said } = request.query as RawFields & { accept?: string };
  if (!request.isMultipart()) {
    return { raw: said, stored: await store(request.raw.iterator({ destroyOnReturn: false })) };
  }
  let stored: StoredUpload | null = null;
  const raw = await readMultipart(request, async (file) => {
    stored = await store(file);
  });
  if (!stored) throw new OwabiError('no_file');
  return { raw: { ...said, ...raw }, stored };
}

// Before a byte of the body is read: what is no list, and what says itself that it is too large.
function refuseEarly(request: FastifyRequest, maxBytes: number): void {
  const type = request.headers['content-type'] ?? '';
  if (type === '' && !Number(request.headers['content-length'])) {
    throw new OwabiError('no_file', 'The request has no body: send a form with a part called "file".');
  }
  if (!/^(multipart\/form-data|text\/csv)\b/i.test(type)) {
    throw new OwabiError('unsupported_media_type', 'A list is sent as multipart/form-data or as text/csv.');
  }
  if (/^multipart/i.test(type) && !/;\s*boundary=./i.test(type)) {
    throw new OwabiError('bad_request', 'The Content-Type of the form names no boundary.');
  }
  // A form has something around the file, so only what is larger by more than that is refused here.
  if (Number(request.headers['content-length'] ?? 0) > maxBytes + 1024 * 1024) {
    throw new OwabiError('too_large', `The file is larger than ${maxBytes} bytes.`, { maxBytes });
  }
}

function hashOf(raw: RawFields, { sha256 }: StoredUpload): Buffer {
  const fields = Object.entries(raw).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([fields, sha256]))
    .digest();
}
