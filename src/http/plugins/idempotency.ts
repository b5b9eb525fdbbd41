import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '../../db/database.ts';
import { OwabiError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { App } from '../route.ts';
import {
  dropOldKeys,
  type FirstAnswer,
  freeKey,
  type KeyUse,
  keepAnswer,
  takeKey,
  touchKeys,
} from './idempotency.store.ts';
import { PROBLEM_TYPE } from './problems.ts';

export type { FirstAnswer } from './idempotency.store.ts';

export interface RequestIdempotency {
  /**
   * For routes with `creates: 'by_handler'`: says that the body has been read, before anything is created from it.
   * @param bodyHash of all that makes the request what it is: the fields and the file's SHA-256
   * @returns `new` to go on, or the first answer, to be given with `giveAgain(reply, answer)`
   * @throws OwabiError `idempotency_key_reused`
   */
  begin(bodyHash: Buffer): Promise<'new' | FirstAnswer>;
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const HEARTBEAT_MS = 20_000;
const CLEANING_MS = 3_600_000;

/** Answers a repeated request with the first answer (`FirstAnswer`), marked as such. */
export function giveAgain(reply: FastifyReply, { status, body }: FirstAnswer): FastifyReply {
  return reply
    .code(status)
    .header('idempotency-replayed', 'true')
    .type(status >= 400 ? PROBLEM_TYPE : 'application/json; charset=utf-8')
    .send(body ?? '');
}

/** Honours `Idempotency-Key` on the routes whose config says `creates`. */
export function addIdempotency(app: App, { db, log }: { db: Db; log: Logger }): void {
  const running = new Map<FastifyRequest, KeyUse>();

  async function begin(request: FastifyRequest, bodyHash: Buffer): Promise<'new' | FirstAnswer> {
    const use = keyUse(request, bodyHash);
    if (!use) return 'new';
    const taken = await takeKey(db, use);
    if (taken === 'taken') throw new OwabiError('idempotency_key_reused');
    if (taken === 'new') running.set(request, use);
    else if (request.routeOptions.config.creates === 'secret') throw new OwabiError('key_not_replayed');
    return taken;
  }

  app.decorateRequest('idempotency', {
    getter(this: FastifyRequest): RequestIdempotency {
      return { begin: (bodyHash) => begin(this, bodyHash) };
    },
  });
  app.addHook('preHandler', async (request, reply) => {
    const { creates } = request.routeOptions.config;
    if (creates !== true && creates !== 'secret') return;
    const first = await begin(request, hashOfBody(request.body));
    if (first !== 'new') return giveAgain(reply, first);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const use = running.get(request);
    if (!use) return;
    running.delete(request);
    await settle(db, use, reply, payload, request.routeOptions.config.creates === 'secret').catch((err) =>
      // The thing is made: the caller learns so, even if a repetition will not.
      log.error({ event: 'idempotency.not_kept', requestId: request.id, err }),
    );
  });
  const complain = (err: unknown) => log.warn({ event: 'idempotency.upkeep_failed', err });
  const timers = [
    setInterval(() => void touchKeys(db, running.values()).catch(complain), HEARTBEAT_MS),
    setInterval(() => void dropOldKeys(db).catch(complain), CLEANING_MS),
  ];
  for (const timer of timers) timer.unref();
  app.addHook('onClose', async () => timers.forEach(clearInterval));
}

function keyUse(request: FastifyRequest, bodyHash: Buffer): KeyUse | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new OwabiError('bad_request', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
  }
  const [route = '', query = ''] = request.url.split('?', 2);
  const whole = createHash('sha256').update(query).update('\0').update(bodyHash).digest();
  return { userId: request.user.id, route: `${request.method} ${route}`, key, bodyHash: whole };
}

function hashOfBody(body: unknown): Buffer {
  const hash = createHash('sha256');
  if (Buffer.isBuffer(body) || typeof body === 'string') hash.update(body);
  else hash.update(JSON.stringify(body ?? null));
  return hash.digest();
}

async function settle(db: Db, use: KeyUse, reply: FastifyReply, payload: unknown, secret: boolean): Promise<void> {
  if (reply.statusCode >= 500) return freeKey(db, use);
  const isSecret = secret && reply.statusCode < 400;
  await keepAnswer(
    db,
    use,
    reply.statusCode,
    isSecret || typeof payload !== 'string' || payload === '' ? null : payload,
  );
}
