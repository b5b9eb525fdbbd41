import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OwabiError } from '../../errors.ts';
import type { App } from '../route.ts';
import type { GuessGuard } from './auth.ts';

const WINDOW_MS = 60_000;

/** Requests a minute: by each valid key, and by each address without one. */
export interface RateLimits {
  perKey: number;
  perAddress: number;
}

export const defaultRateLimits: RateLimits = { perKey: 12_000, perAddress: 300 };

type Limiter = ReturnType<App['createRateLimit']>;
export interface RateLimit {
  mayGuess: GuessGuard;
  count(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

/** Registers the limiter. Call `rateLimitOf` once it is loaded. */
export function addRateLimit(app: App): void {
  app.register(rateLimit, { global: false });
}

/** The two limits: a valid key is counted by its id, everything else by its address. */
export function rateLimitOf(app: App, limits: RateLimits): RateLimit {
  const byKey = app.createRateLimit({
    max: limits.perKey,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => `key ${request.key?.id}`,
  });
  const byAddress = app.createRateLimit({
    max: limits.perAddress,
    timeWindow: WINDOW_MS,
    keyGenerator: (request) => `address ${normalizeIP(request.ip)}`,
  });
  return {
    async mayGuess(request) {
      const { remaining, retryAfter } = await ask(byAddress, request, false);
      if (remaining <= 0) throw new OwabiError('rate_limited', `Try again in ${retryAfter} s.`, { retryAfter });
    },
    async count(request, reply) {
      const { exceeded, remaining, retryAfter } = await ask(request.key ? byKey : byAddress, request, true);
      reply.header('ratelimit-remaining', remaining);
      if (!exceeded) return;
      throw new OwabiError('rate_limited', `Try again in ${retryAfter} s.`, { retryAfter });
    },
  };
}

/** Counts every request that is not exempt (health, metrics). @throws OwabiError `rate_limited` */
export function addCounting(app: App, { count }: RateLimit): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.unlimited) await count(request, reply);
  });
}

async function ask(limiter: Limiter, request: FastifyRequest, increment: boolean) {
  const answer = await limiter(request, { increment });
  if (answer.isAllowed) return { exceeded: false, remaining: Number.POSITIVE_INFINITY, retryAfter: 0 };
  return {
    exceeded: answer.isExceeded,
    remaining: answer.remaining,
    retryAfter: answer.ttlInSeconds,
  };
}
