import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSmtpServer } from '../src/catcher/smtp-protocol.ts';

/** What the sink process counts; `cpuMicros` is its own CPU time, not the sender's. */
export interface SinkCounts {
  messages: number;
  bytes: number;
  recipients: number;
  cpuMicros: number;
}

export interface SinkProcess {
  url: string;
  port: number;
  counts(): Promise<SinkCounts>;
  close(): Promise<void>;
}

/** Starts an SMTP sink that accepts and counts everything, in a process of its own so that it costs the sender nothing. */
export async function forkSink(): Promise<SinkProcess> {
  const child = fork(fileURLToPath(import.meta.url), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => Promise.reject(new Error(`sink ended with ${code}`)));
  failed.catch(() => {});
  const ask = async (word: string) => {
    child.send(word);
    const [answer] = await Promise.race([once(child, 'message'), failed]);
    return answer;
  };
  const port = Number(await ask('port'));
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    counts: () => ask('counts'),
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
}

async function serve(): Promise<void> {
  const counts = { messages: 0, bytes: 0, recipients: 0 };
  const server = await startSmtpServer(
    {
      message: (mail, body) => {
        counts.messages += 1;
        counts.bytes += body.size;
        counts.recipients += mail.to.length;
        return 'accept';
      },
    },
    0,
  );
  process.on('message', (word) => {
    const { user, system } = process.cpuUsage();
    process.send?.(word === 'port' ? server.port : { ...counts, cpuMicros: user + system });
  });
  // The parent is gone, by `close` or by death: nobody needs this process any more.
  process.on('disconnect', () => server.close());
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) await serve();
