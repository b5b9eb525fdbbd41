import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the receiver does with the n-th request, from 1. */
export type WebhookAnswer = number | 'hang' | { redirectTo: string };

export interface WebhookRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface WebhookReceiver {
  url: string;
  /** Requests that have come in whole, in order. */
  requests(): WebhookRequest[];
  answer(how: (n: number) => WebhookAnswer): void;
  close(): Promise<void>;
}

/** A real HTTP server on 127.0.0.1 that keeps what is posted to it, and answers 204 or as it is told. */
export async function startWebhook(): Promise<WebhookReceiver> {
  const requests: WebhookRequest[] = [];
  let how: (n: number) => WebhookAnswer = () => 204;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces).toString('utf8') });
    const answer = how(requests.length);
    if (answer === 'hang') return;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(307, { location: answer.redirectTo }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    requests: () => [...requests],
    answer(next) {
      how = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
