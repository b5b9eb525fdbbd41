import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import { forkSink } from './sink.ts';

/** A message as a program gives it to nodemailer. */
export interface BenchMessage {
  envelope: { from: string; to: string };
  from: string;
  subject: string;
  html: string;
  text: string;
  headers?: Record<string, string>;
}

/** A key that the pool signs with, as nodemailer's option takes it. */
export interface BenchDkim {
  domainName: string;
  keySelector: string;
  /** PEM. */
  privateKey: string;
}

export interface BenchFigures {
  messages: number;
  messagesPerSecond: number;
  /** CPU time of the sending process for one message, user and system. */
  cpuMicrosPerMessage: number;
}

const CONNECTIONS = 10;

/**
 * The plain way to send: one nodemailer pool of ten connections, `sendMail` for each message, nothing recorded.
 * Messages are made as they are needed. Rejects at the first message that is not accepted.
 */
export async function runBaseline(
  port: number,
  messages: Iterable<BenchMessage>,
  dkim?: BenchDkim,
): Promise<BenchFigures> {
  const transport = createTransport({
    ...{ pool: true, host: '127.0.0.1', port, secure: false, ignoreTLS: true },
    ...{ maxConnections: CONNECTIONS, maxMessages: Number.POSITIVE_INFINITY },
    ...(dkim && { dkim }),
  });
  const queue = messages[Symbol.iterator]();
  let sent = 0;
  const sendOn = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      // Base64 for both parts, as our messages have them: the same bytes go out.
      await transport.sendMail({
        ...{ ...next.value, to: next.value.envelope.to, replyTo: next.value.from },
        ...{ encoding: 'base64', textEncoding: 'base64' },
      });
      sent += 1;
    }
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  // Two loops a connection, so that a connection never waits for the next message to be given.
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, sendOn));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  transport.close();
  return { messages: sent, messagesPerSecond: sent / seconds, cpuMicrosPerMessage: (user + system) / sent };
}

/** Messages of the size of the demo's (about 27 KB on the wire) for a run of the baseline by itself. */
export function* sampleMessages(count: number): Generator<BenchMessage> {
  const paragraph =
    '<p style="margin:0 0 16px;line-height:1.8">このたびは、多大なるご迷惑とご心配をおかけし、深くお詫び申し上げます。</p>\n';
  const body = paragraph.repeat(110);
  const text = 'このたびは、多大なるご迷惑とご心配をおかけし、深くお詫び申し上げます。\n'.repeat(30);
  for (let i = 0; i < count; i += 1) {
    const to = `person${i}@example.jp`;
    yield {
      envelope: { from: `b+${i}@bounce.example.jp`, to },
      from: '"お客様窓口" <notice@example.jp>',
      subject: '【重要】お客様の情報に関するお詫びとお知らせ',
      html: `<!doctype html><html lang="ja"><body><p>${i} 様</p>${body}</body></html>`,
      text: `${i} 様\n${text}`,
    };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sink = await forkSink();
  const figures = await runBaseline(sink.port, sampleMessages(Number(process.argv[2] ?? 5000)));
  const { messages, bytes } = await sink.counts();
  await sink.close();
  process.stdout.write(`${JSON.stringify({ ...figures, accepted: messages, bytesPerMessage: bytes / messages })}\n`);
}
