import { createHash } from 'node:crypto';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { type MatchedFinding, matchReadings } from '../../tracking/matching/match-report.store.ts';
import type { ReportReader } from '../../tracking/read-any-report.ts';
import { MOST_REPORT_BYTES, storeReport } from '../../tracking/reports.store.ts';
import { giveAgain } from '../plugins/idempotency.ts';
import type { App, RoutePlugin } from '../route.ts';
import { Nullable } from '../schemas.ts';

const Text = Nullable(Type.String());
const ReadAs = Type.Object({
  ...{ kind: Type.String(), recipient: Text, status: Text, class: Text, deliveryId: Text },
  words: Nullable(Type.String({ description: 'The words by which it was decided.' })),
  rule: Type.String(),
});

// For the document only: there is nothing to validate in bytes.
const MailBody = { content: { 'message/rfc822': { schema: Type.String({ description: 'The mail as it came.' }) } } };

interface Needs extends Pick<Services, 'db' | 'vault' | 'hint'> {
  read: ReportReader;
}

/** A bounce that somebody has at hand comes in, or is only tried out. */
export const bounceRoutes =
  (services: Needs): RoutePlugin =>
  async (app) => {
    // Of this route alone: JSON is no mail.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'message/rfc822',
      { parseAs: 'buffer', bodyLimit: MOST_REPORT_BYTES },
      (_request, body, done) => done(null, body),
    );
    bounceRoute(app, services);
  };

function bounceRoute(app: App, services: Needs): void {
  app.post(
    '/v1/bounces',
    {
      schema: {
        ...{ tags: ['reports'], summary: 'Hand in a mail that came back; `dryRun` answers what it is read as' },
        querystring: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }),
        body: MailBody,
        response: { 200: Type.Union([ReadAs, Type.Array(ReadAs)]), 202: Type.Object({ id: Type.String() }) },
      },
      validatorCompiler: (part) => (part.httpPart === 'body' ? () => true : TypeBoxValidatorCompiler(part)),
      bodyLimit: MOST_REPORT_BYTES,
      config: { roles: ['operator'], creates: 'by_handler' },
    },
    async (request, reply) => {
      const bytes: unknown = request.body;
      if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
        throw new OwabiError('empty_file', 'The request has no body: send the mail as message/rfc822.');
      }
      // What it is read as quotes a person, so that the answer is not kept for a repetition.
      if (request.query.dryRun) return await tryOut(services, bytes);
      const first = await request.idempotency.begin(createHash('sha256').update(bytes).digest());
      if (first !== 'new') return giveAgain(reply, first);
      const { id } = await storeReport(services, { way: 'api', bytes, receivedBy: request.user.id });
      await audit(services.db, request.user.id, 'report.handed_in', 'report', id);
      return reply.code(202).send({ id });
    },
  );
}

/** What a mail is read as, and of which delivery it would be written down. Changes nothing. */
async function tryOut(services: Needs, bytes: Buffer) {
  const reading = services.read('api', bytes, []);
  const [matched] = await matchReadings(services, [{ way: 'api', envelope: [], reading }]);
  const shown = (matched?.findings ?? []).map(showFinding);
  return shown.length === 1 && shown[0] ? shown[0] : shown;
}

function showFinding({
  delivery,
  kind,
  recipient,
  status,
  class: failure,
  words,
  rule,
}: MatchedFinding): Static<typeof ReadAs> {
  return { kind, recipient, status, class: failure, deliveryId: delivery?.id ?? null, words, rule };
}
