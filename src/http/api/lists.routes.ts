import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { inTransaction } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { checkOptions } from '../../intake/lists/check-options.store.ts';
import {
  discardList,
  type ListRow,
  optionsOf,
  startAccepting,
  startReadingAgain,
  type Understanding,
  understandingOf,
} from '../../intake/lists/list.store.ts';
import { pageLists, requireIncident, requireList } from '../../intake/lists/list-pages.store.ts';
import { removeUpload } from '../../intake/lists/uploads.store.ts';
import type { Services } from '../../services.ts';
import { sendEvents } from '../event-stream.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { App, RoutePlugin } from '../route.ts';
import { closed, IdParams, Nullable, Page, PageQuery } from '../schemas.ts';
import { List, showList } from './list-answers.ts';
import { uploadRoute } from './list-upload.routes.ts';
import { readingOptions } from './upload-body.ts';

type Needs = Pick<Services, 'config' | 'db' | 'vault' | 'blobs' | 'hint'>;

const tags = ['lists'];
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
    readAgainRoute(app, services);
    decisionRoutes(app, services);
  };

const ReadAgain = closed({
  mapping: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Column → field.' })),
  encoding: Type.Optional(Nullable(Type.String({ maxLength: 40 }))),
  sheet: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  notCards: Type.Optional(Type.Array(Type.String(), { description: 'Columns exempt from the card-number guard.' })),
});

/** What the operator says goes before what was found or said at the upload; what they leave out stays as it was said. */
function readAgainRoute(app: App, { db, vault, blobs, hint }: Needs): void {
  app.post(
    '/v1/lists/:id/read-again',
    {
      schema: {
        ...{ tags, summary: 'Read the upload of a list in another way', params: IdParams },
        ...{ body: ReadAgain, response: { 202: List } },
      },
      config: { roles: ['operator'] },
    },
    async (request, reply) => {
      const list = await requireList(db, request.params.id);
      const incidentVault = await vault.forIncident(list.incident_id);
      const options = readingOptions({ ...optionsOf(list, incidentVault), ...request.body });
      const refusal = new OwabiError(
        'wrong_state',
        list.status === 'ready'
          ? 'The upload is no longer kept, because it held, or may hold, something that may not be stored. Upload the file again and say how to read it.'
          : `The list is ${list.status}; only one that is ready can be read again.`,
      );
      if (list.status !== 'ready' || !list.correctable) throw refusal;
      await checkOptions({ blobs, vault: incidentVault, listId: list.id, bytes: Number(list.bytes) }, options);
      const taskId = await inTransaction(db, async (trx) => {
        const task = await startReadingAgain(trx, list.id, incidentVault.sealJson('list-columns', options));
        if (task) await audit(trx, request.user.id, 'list.read_again', 'list', list.id);
        return task;
      });
      if (!taskId) throw refusal;
      hint('check-list', taskId);
      return reply.code(202).send(showList(await requireList(db, list.id)));
    },
  );
}

/** How a list was understood, for whoever asks: names are shown to operators only. */
function understandingFor(vault: Needs['vault']) {
  return async (list: ListRow, { user }: FastifyRequest): Promise<Understanding> => {
    const understanding = understandingOf(list, await vault.forIncident(list.incident_id));
    return user.roles.includes('operator') ? understanding : { ...understanding, names: [] };
  };
}

const DECIDED = ['ready', 'accepted', 'discarded', 'failed'];

function readingRoutes(app: App, { db, vault }: Needs): void {
  const read = understandingFor(vault);
  app.get(
    '/v1/lists/:id',
    { schema: { tags, summary: 'A list and its figures', params: IdParams, response: { 200: List } } },
    async (request) => {
      const list = await requireList(db, request.params.id);
      return showList(list, await read(list, request));
    },
  );
  app.get(
    '/v1/lists/:id/events',
    {
      // A HEAD would be answered by a stream that never ends.
      exposeHeadRoute: false,
      schema: {
        ...{ tags, summary: 'The list as server-sent events, while it is read or accepted', params: IdParams },
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      await sendEvents<Static<typeof List>>(reply, {
        type: 'list',
        async read() {
          const list = await requireList(db, request.params.id);
          return showList(list, await read(list, request));
        },
        sameness: (list) => JSON.stringify(list),
        isLast: ({ status }) => DECIDED.includes(status),
        isOpen: () => app.server.listening,
      });
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
      const shown = await Promise.all(lists.map(async (list) => showList(list, await read(list, request))));
      return pageOf(
        shown,
        page,
        (list) => list.id,
        (list) => list,
      );
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
      return reply.code(202).send(showList(list));
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
      return showList(await requireList(db, before.id));
    },
  );
}
