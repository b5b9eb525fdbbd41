import type { App } from '../route.ts';

/**
 * Lets `close()` wait for the requests in hand, but not for ever: after `deadlineMs` their connections are cut.
 * No new connection is taken meanwhile, and idle ones are closed at once.
 */
export function addShutdown(app: App, deadlineMs: number): void {
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onSend', async (_request, reply) => {
    // Otherwise the connection of a request that was in hand stays open, idle, and closing waits for it.
    if (timer) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    timer = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
  });
  app.addHook('onClose', async () => clearTimeout(timer));
}
