import helmet from '@fastify/helmet';
import type { App } from '../route.ts';

/** Security headers on every answer. Answers are data: nothing in them may load, run, be framed or be kept. */
export function addSecurityHeaders(app: App): void {
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    // Whoever hosts us may have other services below the same domain that speak plain HTTP.
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
}
