import type { FastifyRequest } from 'fastify';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import { hashApiKey } from '../../users/api-key.ts';
import { findKey, type KnownKey } from '../../users/users.store.ts';
import type { App } from '../route.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes the end of a user felt at once in this process; others feel it within seconds. */
    forgetUser(userId: string): void;
  }
  interface FastifyRequest {
    /** The key that came with the request; null without a valid one. */
    key: KnownKey | null;
  }
}

/** How long a key is believed without asking the database: another process may have ended it. */
const BELIEVED_MS = 2_000;
const MOST_REMEMBERED = 10_000;
const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i;

/** Keys lately found valid, by the hex of their hash. */
interface KeyMemory {
  get(hash: string): KnownKey | undefined;
  /** Whether it was valid when it was last seen, however long ago. */
  wasValid(hash: string): boolean;
  forget(hash: string): void;
  set(hash: string, key: KnownKey): void;
  forgetUser(userId: string): void;
}

function keyMemory(): KeyMemory {
  const known = new Map<string, { key: KnownKey; until: number }>();
  return {
    get(hash) {
      const entry = known.get(hash);
      return entry && entry.until > performance.now() ? entry.key : undefined;
    },
    wasValid: (hash) => known.has(hash),
    forget: (hash) => void known.delete(hash),
    set(hash, key) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(hash, { key, until: performance.now() + BELIEVED_MS });
    },
    forgetUser(userId) {
      for (const [hash, entry] of known) if (entry.key.user.id === userId) known.delete(hash);
    },
  };
}

/** Asks for one more look at the database on behalf of an address. @throws OwabiError `rate_limited` */
export type GuessGuard = (request: FastifyRequest) => Promise<void>;

/**
 * Reads the API key of every request: `request.key`, `request.user`. Judges nothing yet.
 * @param mayGuess asked before the database is: whoever tries keys must not keep it busy
 */
export function addIdentity(app: App, db: Db, mayGuess: GuessGuard): void {
  const memory = keyMemory();
  app.decorateRequest('key', null);
  app.decorateRequest('user', null as never);
  app.decorate('forgetUser', memory.forgetUser);
  app.addHook('onRequest', async (request) => {
    const given = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined || request.routeOptions.config.unlimited) return;
    const hash = hashApiKey(given);
    const hex = hash.toString('hex');
    let key = memory.get(hex);
    if (!key) {
      // A key that has been valid is no guess: whoever shares an address with a guesser is still served.
      if (!memory.wasValid(hex)) await mayGuess(request);
      key = await findKey(db, hash);
      if (!key) return memory.forget(hex);
      memory.set(hex, key);
    }
    request.key = key;
    request.user = key.user;
  });
}

/** Lets only those pass whom the route's `config` names. @throws OwabiError `unauthorized`, `forbidden` */
export function addPermission(app: App): void {
  app.addHook('onRequest', async (request) => {
    const { roles, public: open } = request.routeOptions.config;
    // Nothing can be learned from a route that does not exist.
    if (open || request.is404) return;
    if (!request.key) throw new OwabiError('unauthorized');
    if (!roles || roles.length === 0 || roles.some((role) => request.user.roles.includes(role))) return;
    throw new OwabiError('forbidden', `This needs the role ${roles.join(' or ')}.`);
  });
}
