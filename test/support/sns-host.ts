import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AskSns, askSns } from '../../src/tracking/webhooks/ask-sns.ts';

/** With a `location` the body is there, and nothing is where it was asked for. */
type SnsAnswer = { status: number; body?: string; location?: string };

export interface SnsHost {
  /** Asks this host instead of Amazon's; everything else is as it is in the service. */
  ask: AskSns;
  /** Paths that were asked for, in order. */
  asked: string[];
  answer(how: SnsAnswer): void;
  close(): Promise<void>;
}

/** A real HTTP server on 127.0.0.1 in the place of Amazon SNS. It answers as it was last told. */
export async function startSnsHost(): Promise<SnsHost> {
  const asked: string[] = [];
  let how: SnsAnswer = { status: 200 };
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status, body = '', location } = how;
    if (request.url === location) response.writeHead(200).end(body);
    else response.writeHead(status, location === undefined ? {} : { location }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ask: (url) => askSns(url.replace(/^https:\/\/sns\.[a-z0-9-]+\.amazonaws\.com/, own)),
    asked,
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
