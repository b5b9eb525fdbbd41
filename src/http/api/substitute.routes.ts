import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { OwabiError } from '../../errors.ts';
import { formatReference } from '../../intake/persons/reference.ts';
import { getNotice } from '../../notice/notices.store.ts';
import type { Services } from '../../services.ts';
import {
  listTime,
  nameOf,
  noteTaken,
  pageUnreached,
  streamUnreached,
  substituteCounts,
  substituteFigures,
  type UnreachedPerson,
} from '../../tracking/returns/substitute.store.ts';
import type { User } from '../../users/users.store.ts';
import type { IncidentVault } from '../../vault/vault.ts';
import { pageOf, pageRequest } from '../paging.ts';
import type { RoutePlugin } from '../route.ts';
import { IdParams, Nullable, pageFields } from '../schemas.ts';

const Text = Nullable(Type.String());
const Unreached = Type.Object({
  ...{ personId: Type.String(), reference: Type.String(), cause: Type.String(), name: Type.Optional(Type.String()) },
  ...{ email: Text, emailCause: Text, letter: Text, letterCause: Text, letters: Type.Integer(), reachedBy: Text },
});
const Substitute = Type.Object({
  ...{ noticeId: Type.String(), status: Type.String() },
  unreached: Type.Integer({ description: 'Persons on the list.' }),
  inProgress: Type.Integer({ description: 'Persons who may still come onto it.' }),
  byCause: Type.Optional(
    Type.Object(
      {},
      { additionalProperties: Type.Integer(), description: 'Adds up to `unreached`. On the first page only.' },
    ),
  ),
  reachedOtherwise: Type.Optional(
    Type.Integer({
      description: 'Of the unreached: reached by another notice of the incident. On the first page only.',
    }),
  ),
  ...{ items: Type.Array(Unreached), nextCursor: Text },
});
const Names = { names: Type.Optional(Type.Boolean({ description: 'With names; for operators, and audited.' })) };
const COLUMNS = [
  ...['reference', 'person_id', 'cause', 'email', 'email_cause', 'letter', 'letter_cause', 'letters', 'reached_by'],
];

const tags = ['letters'];

/** Whom a notice has not reached in the end, and why: the list for substitute notice. */
export const substituteRoutes =
  ({ db, vault, log }: Pick<Services, 'db' | 'vault' | 'log'>): RoutePlugin =>
  async (app) => {
    /** The key to the names; null: they were not asked for. Whoever reads names is written down. */
    async function keyToNames(user: User, noticeId: string, names: boolean | undefined): Promise<IncidentVault | null> {
      const notice = await getNotice(db, noticeId);
      if (!names) return null;
      if (!user.roles.includes('operator')) throw new OwabiError('forbidden', 'Names need the role operator.');
      const incidentVault = await vault.forIncident(notice.incident_id);
      await audit(db, user.id, 'substitute.names_read', 'notice', noticeId);
      return incidentVault;
    }
    app.get(
      '/v1/notices/:id/substitute',
      {
        schema: {
          ...{ tags, summary: 'Whom the notice has not reached, and why', params: IdParams },
          querystring: Type.Object({ ...pageFields, ...Names }),
          response: { 200: Substitute },
        },
      },
      async (request) => {
        const { id } = request.params;
        const incidentVault = await keyToNames(request.user, id, request.query.names);
        const page = pageRequest(request.query);
        // Reads everybody on the list: not again for each page of it.
        const figures = page.after === null ? await substituteFigures(db, id) : await substituteCounts(db, id);
        const rows = await pageUnreached(db, id, page.after ?? '0', page.limit + 1);
        return { noticeId: id, ...figures, ...pageOf(rows, page, (row) => row.personId, showWith(incidentVault)) };
      },
    );
    app.get(
      '/v1/notices/:id/substitute.csv',
      {
        schema: {
          ...{ tags, summary: 'The same as CSV, streamed', params: IdParams, querystring: Type.Object(Names) },
          produces: ['text/csv'],
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const incidentVault = await keyToNames(request.user, id, request.query.names);
        // Also without names: it ends an alert, and says of whom a notice failed.
        await audit(db, request.user.id, 'substitute.list_read', 'notice', id, { names: incidentVault !== null });
        // Before it is read: what comes back meanwhile may not be on it.
        const at = await listTime(db);
        const taken = () =>
          noteTaken(db, id, at).catch((err: unknown) =>
            log.error({ event: 'substitute.not_noted', noticeId: id, err }),
          );
        // When all of it is with the system: a download that breaks off, or asks for the head alone, gave nobody the list.
        if (request.user.roles.includes('operator') && request.method === 'GET') reply.raw.once('finish', taken);
        const rows = Readable.from(streamUnreached(db, id, incidentVault));
        const columns = incidentVault ? ['name', ...COLUMNS] : COLUMNS;
        // A name that begins with = would be a formula where the list is opened.
        const csv = stringify({ header: true, columns, record_delimiter: '\r\n', escape_formulas: true });
        rows.on('error', (error) => csv.destroy(error));
        reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="substitute.csv"');
        return reply.send(rows.pipe(csv));
      },
    );
  };

const showWith =
  (incidentVault: IncidentVault | null) =>
  (row: UnreachedPerson): Static<typeof Unreached> => {
    const { sealed: _, ...shown } = row;
    const name = incidentVault ? { name: nameOf(row, incidentVault) } : {};
    return { ...shown, ...name, reference: formatReference(row.reference) };
  };
