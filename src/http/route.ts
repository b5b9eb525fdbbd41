import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { User, UserRole } from '../users/users.store.ts';
import type { RequestIdempotency } from './plugins/idempotency.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** At least one of these is needed; absent or empty: any valid key. */
    roles?: readonly UserRole[];
    /** No key is needed. */
    public?: boolean;
    /** Not counted by the rate limit: health, metrics, and the webhooks of mail providers, which are known by signatures. */
    unlimited?: boolean;
    /**
     * The route creates something and honours `Idempotency-Key`. `true`: by its JSON body, with nothing to do in the
     * handler. `by_handler`: the handler reads a stream and calls `request.idempotency.begin` when it knows its hash.
     * `secret`: the answer holds a secret and is not kept; the same key again is refused.
     */
    creates?: true | 'by_handler' | 'secret';
  }
  interface FastifyRequest {
    /** Set on every route that is not public. */
    user: User;
    idempotency: RequestIdempotency;
  }
}

/** The server, or a part of it, whose handlers are typed by their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * A group of routes, registered in a scope of its own: content type parsers and hooks added in it stay in it.
 * `export const listRoutes = (services: Pick<Services, 'db'>): RoutePlugin => async (app) => { app.post(…) }`
 */
export type RoutePlugin = (app: App) => Promise<void>;
