import Type from 'typebox';
import { audit } from '../../audit/audit.store.ts';
import { sendTest } from '../../delivery/email/send-test.ts';
import type { Sender } from '../../delivery/email/write-message.ts';
import { OwabiError } from '../../errors.ts';
import { loadPreview } from '../../notice/preview.store.ts';
import { parts, renderPart } from '../../notice/render-part.ts';
import { fillEmail } from '../../rendering/email.ts';
import type { LetterPress } from '../../rendering/types.ts';
import type { Services } from '../../services.ts';
import type { RoutePlugin } from '../route.ts';
import { closed, Id, IdParams, OneOf } from '../schemas.ts';

interface Needs extends Pick<Services, 'db' | 'vault' | 'templates'> {
  press: LetterPress;
  /** Null when no relay is set. */
  mail: (Sender & { urls: string[] }) | null;
}

const tags = ['notices'];

/** What a notice says, before it is said. */
export const previewRoutes =
  ({ press, mail, ...services }: Needs): RoutePlugin =>
  async (app) => {
    app.get(
      '/v1/notices/:id/preview',
      {
        schema: {
          ...{ tags, summary: 'What a notice says to a person, or to a sample person', params: IdParams },
          querystring: Type.Object({ part: OneOf(...parts), personId: Type.Optional(Id) }),
          produces: ['text/plain', 'text/html', 'application/pdf'],
        },
      },
      async (request, reply) => {
        const { part, personId = null } = request.query;
        const { renderings, locale, person } = await loadPreview(services, request.params.id, personId);
        const { type, bytes } = await renderPart({ renderings, press }, locale, person, part);
        await audit(services.db, request.user.id, 'notice.preview_read', 'notice', request.params.id, {
          part,
          personId,
        });
        // The words of a notice, shown as they are and able to do nothing.
        reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
        return reply.type(type).send(Buffer.from(bytes));
      },
    );
    app.post(
      '/v1/notices/:id/test',
      {
        schema: {
          ...{ tags, summary: 'Send a rendering for a sample person to an address of your own', params: IdParams },
          body: closed({ email: Type.String({ format: 'email', maxLength: 254 }) }),
          response: { 202: Type.Object({ submitted: Type.Boolean() }) },
        },
        config: { roles: ['operator'] },
      },
      async (request, reply) => {
        const relay = mail?.urls[0];
        if (!mail || relay === undefined) throw new OwabiError('no_relay');
        const { renderings, locale, person } = await loadPreview(services, request.params.id, null);
        const email = fillEmail(await renderings.email(locale), person);
        await sendTest(relay, mail, request.body.email, { email, locale });
        await audit(services.db, request.user.id, 'notice.test_sent', 'notice', request.params.id);
        return reply.code(202).send({ submitted: true });
      },
    );
  };
