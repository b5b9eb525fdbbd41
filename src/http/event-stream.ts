import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';

const EVENT_MS = 1_000;

export interface EventSource<T> {
  /** Type of the events, as the client listens for it. */
  type: string;
  /** Asked every second. A failure ends nothing: the next second is asked again. */
  read(): Promise<T>;
  /** What makes two answers differ; times of asking do not. */
  sameness(value: T): string;
  /** Whether nothing will change any more: the stream ends after this one. */
  isLast?(value: T): boolean;
  /** Whether the service goes on. */
  isOpen(): boolean;
}

/** Answers with server-sent events (WHATWG HTML §9.2): what is there now, then each change. */
export async function sendEvents<T>(reply: FastifyReply, source: EventSource<T>): Promise<void> {
  let last = await source.read();
  reply.hijack();
  const stream = reply.raw;
  const headers = reply.getHeaders() as OutgoingHttpHeaders;
  // Closed with the stream: a connection kept for more would hold up the end of the service.
  stream.writeHead(200, { ...headers, 'content-type': 'text/event-stream', connection: 'close' });
  const send = (value: T): void => {
    stream.write(`event: ${source.type}\ndata: ${JSON.stringify(value)}\n\n`);
    if (source.isLast?.(value)) stream.end();
  };
  send(last);
  const timer = setInterval(async () => {
    const next = await source.read().catch(() => null);
    if (stream.closed || stream.writableEnded || !source.isOpen()) return stream.end();
    if (next === null) return;
    if (source.sameness(next) !== source.sameness(last)) send(next);
    else stream.write(': still the same\n\n');
    last = next;
  }, EVENT_MS);
  stream.on('close', () => clearInterval(timer));
}
