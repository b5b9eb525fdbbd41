import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Column } from '../../intake/columns/columns.ts';
import { checkOptions } from '../../intake/lists/check-options.store.ts';
import {
  discardList,
  finishReceiving,
  type ListRow,
  startAccepting,
  startReceiving,
} from '../../intake/lists/list.store.ts';
import { pageLists, requireIncident, requireList } from '../../intake/lists/list-pages.store.ts';
import { reportCsv } from '../../intake/lists/report.ts';
import { reportPages, rowPage } from '../../intake/lists/row-pages.store.ts';
import { abandonUpload, removeUpload, type StoredUpload, storeUpload } from '../../intake/lists/uploads.store.ts';
import { encodings } from '../../intake/reading/encoding.ts';
import type { Services } from '../../services.ts';
import { pageOf, pageRequest } from '../paging.ts';
import { giveAgain } from '../plugins/idempotency.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, OneOf, Page, PageQuery, pageFields } from '../schemas.ts';
import { List, Row, showList, showRow } from './list-answers.ts';
import { type RawFields, readFields, readMultipart } from './upload-body.ts';

type Needs = Pick<Services, 'config' | 'db' | 'vault' | 'blobs' | 'hint'>;

const tags = ['lists'];
const UploadQuery = Type.Object({
  accept: Type.Optional(OneOf('auto')),
  // Beside a body that is the file itself; a form has fields of these names, which go before.
  kind: Type.Optional(OneOf('affected', 'members')),
  source: Type.Optional(Type.String({ maxLength: 200 })),
  encoding: Type.Optional(Type.String({ maxLength: 40 })),
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
        kind: Type.Optional(OneOf('affected', 'members')),
        notCards: Type.Optional(Type.String({ description: 'JSON: columns exempt from the card-number guard.' })),
      }),
    },
    'text/csv': { schema: Type.String() },
  },
};

/** Affected lists: uploaded, checked in the background, looked at, then accepted or discarded. */
export const listRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    // A field may be a mapping of hundreds of columns. The file is measured as it is stored.
    await app.register(multipart, {
      limits: { fields: 20, files: 2, fieldSize: 256 * 1024, fileSize: Number.MAX_SAFE_INTEGER },
    });
    app.addContentTypeParser('text/csv', (_request, _payload, done) => done(null));
    uploadRoute(app, services);
    readingRoutes(app, services);
    decisionRoutes(app, services);
  };

function uploadRoute(app: App, services: Needs): void {
  const { config, db, vault, blobs, hint } = services;
  app.post(
    '/v1/incidents/:id/lists',
    {
      schema: {
        ...{ tags, summary: 'Upload a list', params: IdParams, querystring: UploadQuery, response: { 202: List } },
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
      let kept = false;
      try {
        const { raw, stored } = await receive(request, (file) =>
          storeUpload({ blobs, vault: incidentVault, listId, maxBytes: config.maxUploadBytes }, file),
        );
        const { kind, source, ...options } = readFields({ ...raw });
        await checkOptions({ blobs, vault: incidentVault, listId }, options);
        const first = await request.idempotency.begin(hashOf(raw, stored));
        if (first !== 'new') return giveAgain(reply, first);
        const { list, taskId } = await inTransaction(db, async (trx) => {
          const received = {
            ...{ kind, source, ...stored, acceptWhenReady: request.query.accept === 'auto' },
            optionsSealed: incidentVault.sealJson('list-columns', options),
          };
          await audit(trx, request.user.id, 'list.uploaded', 'list', listId, { notCards: options.notCards.length });
          return finishReceiving(trx, listId, received);
        });
        kept = true;
        hint('check-list', taskId);
        return reply.code(202).send(showList(list, []));
      } finally {
        // What is still to come is taken and thrown away: a client that only listens when it has sent all must not find
        // the connection closed instead of an answer.
        request.raw.resume();
        if (!kept) await abandonUpload(services, listId);
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

function readingRoutes(app: App, { db, vault }: Needs): void {
  const columnsOf = async (list: ListRow): Promise<Column[]> => {
    if (!list.columns_sealed) return [];
    return (await vault.forIncident(list.incident_id)).openJson<Column[]>('list-columns', list.columns_sealed);
  };
  app.get(
    '/v1/lists/:id',
    { schema: { tags, summary: 'A list and its figures', params: IdParams, response: { 200: List } } },
    async (request) => {
      const list = await requireList(db, request.params.id);
      return showList(list, await columnsOf(list));
    },
  );
  app.get(
    '/v1/incidents/:id/lists',
    {
      schema: {
        ...{ tags, summary: 'The lists of an incident', params: IdParams, querystring: PageQuery },
        response: { 200: Page(List) },
      },
    },
    async (request) => {
      await requireIncident(db, request.params.id);
      const page = pageRequest(request.query);
      const lists = await pageLists(db, request.params.id, page.after ?? '0', page.limit + 1);
      const shown = await Promise.all(lists.map(async (list) => showList(list, await columnsOf(list))));
      return pageOf(
        shown,
        page,
        (list) => list.id,
        (list) => list,
      );
    },
  );
  app.get(
    '/v1/lists/:id/rows',
    {
      schema: {
        ...{ tags, summary: 'The rows of a list and what became of each', params: IdParams },
        querystring: Type.Object({ ...pageFields, outcome: Type.Optional(OneOf('accepted', 'merged', 'quarantined')) }),
        response: { 200: Page(Row) },
      },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const list = await requireList(db, request.params.id);
      const page = pageRequest(request.query);
      const wanted = { after: Number(page.after ?? 0), limit: page.limit + 1, outcome: request.query.outcome ?? null };
      const rows = await rowPage(db, await vault.forIncident(list.incident_id), list.id, wanted);
      await audit(db, request.user.id, 'list.rows_read', 'list', list.id);
      return pageOf(rows, page, (row) => row.ordinal, showRow);
    },
  );
  app.get(
    '/v1/lists/:id/report.csv',
    {
      schema: {
        ...{ tags, summary: 'The list with the outcome of each row, streamed', params: IdParams },
        produces: ['text/csv'],
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const list = await requireList(db, request.params.id);
      const { delimiter } = list;
      if (!['ready', 'accepting', 'accepted'].includes(list.status) || delimiter === null) {
        throw new OwabiError('wrong_state', `A list that is ${list.status} has no report.`);
      }
      await audit(db, request.user.id, 'list.report_read', 'list', list.id);
      const pages = reportPages(db, await vault.forIncident(list.incident_id), list.id);
      const report = reportCsv({ columns: await columnsOf(list), delimiter }, pages);
      reply.type('text/csv; charset=utf-8');
      reply.header('content-disposition', `attachment; filename="list-${list.id}-report.csv"`);
      return reply.send(Readable.from(report));
    },
  );
}

function decisionRoutes(app: App, services: Needs): void {
  const { db, hint } = services;
  const decide = { params: IdParams };
  app.post(
    '/v1/lists/:id/accept',
    {
      schema: { ...{ tags, summary: 'Accept a list: its rows become persons', ...decide }, response: { 202: List } },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const { id } = await requireList(db, request.params.id);
      const taskId = await inTransaction(db, async (trx) => {
        const task = await startAccepting(trx, id);
        if (task) await audit(trx, request.user.id, 'list.accept', 'list', id);
        return task;
      });
      if (taskId) hint('accept-list', taskId);
      const list = await requireList(db, id);
      if (list.status !== 'accepting' && list.status !== 'accepted') {
        throw new OwabiError('wrong_state', `The list is ${list.status}; only one that is ready can be accepted.`);
      }
      return reply.code(202).send(showList(list, []));
    },
  );
  app.post(
    '/v1/lists/:id/discard',
    {
      schema: { ...{ tags, summary: 'Throw a list away that was not accepted', ...decide }, response: { 200: List } },
      config: { roles: ['operator'] },
    },
    async (request) => {
      const before = await requireList(db, request.params.id);
      const done = await inTransaction(db, async (trx) => {
        const discarded = await discardList(trx, before.id);
        if (discarded && before.status !== 'discarded') {
          await audit(trx, request.user.id, 'list.discard', 'list', before.id);
        }
        return discarded;
      });
      if (!done) throw new OwabiError('wrong_state', `The list is ${before.status} and cannot be discarded.`);
      await removeUpload(services, before.id);
      return showList(await requireList(db, before.id), []);
    },
  );
}
