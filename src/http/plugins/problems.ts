import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OwabiError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { problemAnswer } from '../problem.ts';
import type { App } from '../route.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Answers every failure with a problem document, and logs those that are our fault. */
export function addProblems(app: App, log: Logger): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new OwabiError('not_found', 'There is no such route.'), request, reply, log),
  );
}

/** Sends `error` as a problem document. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const { status, headers, body } = problemAnswer(error, request.id);
  if (status >= 500) {
    const event = status === 503 ? 'http.unavailable' : 'http.failed';
    log.error({ event, requestId: request.id, route: request.routeOptions.url ?? null, err: error });
  }
  // As a string: the schemas of a route's answers must not drop members of the document.
  const always = { 'x-request-id': request.id, 'cache-control': 'no-store' };
  return reply
    .code(status)
    .headers({ ...always, ...headers })
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(body));
}

/** For what is no HTTP at all, or whose headers are too long: there is no request yet, only a socket. */
export function answerBrokenRequest(_error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const { status, body } = problemAnswer(new OwabiError('bad_request'), 'none');
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
