import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { Services } from '../services.ts';
import { addIdentity, addPermission } from './plugins/auth.ts';
import { addBodyGuard, addJsonBodies } from './plugins/body-guard.ts';
import { addDocs } from './plugins/docs.ts';
import { addHealth, type Health } from './plugins/health.ts';
import { addIdempotency } from './plugins/idempotency.ts';
import { addMetrics, type GaugeSource } from './plugins/metrics.ts';
import { addProblems, answerBrokenRequest, sendProblem } from './plugins/problems.ts';
import { addCounting, addRateLimit, defaultRateLimits, type RateLimits, rateLimitOf } from './plugins/rate-limit.ts';
import { addRequestLog, requestId } from './plugins/request-log.ts';
import { addSecurityHeaders } from './plugins/security-headers.ts';
import { addShutdown } from './plugins/shutdown.ts';
import type { App, RoutePlugin } from './route.ts';

/** Of a JSON body. The route that takes files has a limit of its own. */
const BODY_LIMIT_BYTES = 1024 * 1024;
const SHUTDOWN_MS = 10_000;

export interface ServerParts {
  services: Pick<Services, 'db' | 'log'>;
  routes: readonly RoutePlugin[];
  health: Health;
  gauges?: readonly GaugeSource[];
  rateLimits?: RateLimits;
  /** How long `close()` waits for requests in hand. */
  shutdownMs?: number;
}

/** The HTTP server with all its routes; it does not listen yet. `close()` ends it and waits for requests in hand. */
export function buildServer(parts: ServerParts): App {
  const { services, routes, health, gauges = [], rateLimits = defaultRateLimits, shutdownMs = SHUTDOWN_MS } = parts;
  const { db, log } = services;
  const app: App = Fastify({
    // We log events ourselves: Fastify's lines hold URLs, and those can hold anything.
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: requestId,
    // While closing, a request that is already on its way is served, and its connection closed after it.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, log),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.removeContentTypeParser('text/plain');
  addJsonBodies(app);
  addProblems(app, log);
  addShutdown(app, shutdownMs);
  addRequestLog(app, log);
  addSecurityHeaders(app);
  addRateLimit(app);
  // Helmet and the limiter add their parts when they load: what comes after them waits for that.
  app.after(() => {
    const limit = rateLimitOf(app, rateLimits);
    addIdentity(app, db, limit.mayGuess);
    addCounting(app, limit);
    addPermission(app);
    addIdempotency(app, { db, log });
    addBodyGuard(app);
    addDocs(app);
    addMetrics(app, gauges, log);
    app.register(async (scope: App) => addHealth(scope, health, log));
    for (const route of routes) app.register(route);
  });
  return app;
}
