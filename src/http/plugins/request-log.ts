import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Logger } from '../../log.ts';
import type { App } from '../route.ts';

// No `@` and no blank: what a client sends here is logged, so it must not be able to hold an address or a name.
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The caller's X-Request-Id if it has the form of one, otherwise a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The route as it is declared (`/v1/lists/:id`): neither ids nor a query may stand in logs and metrics labels. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
}

/** Gives every answer its X-Request-Id and every request one event in the log. */
export function addRequestLog(app: App, log: Logger): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    log[request.routeOptions.config.unlimited ? 'debug' : 'info']({
      event: 'http.request',
      requestId: request.id,
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      userId: request.user?.id ?? null,
    });
  });
}
