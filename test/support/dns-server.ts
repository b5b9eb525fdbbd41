import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What a name server says to a question such as `TXT example.jp`: strings (TXT), a name (NS), an rcode, or nothing. */
export type DnsAnswer = string[] | { name: string } | 'NXDOMAIN' | 'SERVFAIL' | 'silence';

const TYPES: Record<number, string> = { 2: 'NS', 12: 'PTR', 16: 'TXT' };
const RCODES = { NXDOMAIN: 3, SERVFAIL: 2 };

/** A name server on 127.0.0.1 that answers by `zone`; what is not in it does not exist. */
export async function startDnsServer(zone: Record<string, DnsAnswer>) {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { key, end } = questionOf(query);
    questions.push(key);
    const answer = zone[key] ?? 'NXDOMAIN';
    if (answer !== 'silence') socket.send(replyTo(query.subarray(0, end), answer), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, questions, close: () => socket.close() };
}

function questionOf(query: Buffer): { key: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  return { key: `${TYPES[type] ?? type} ${labels.join('.') || '.'}`, end: at + 5 };
}

/** RFC 1035 §4.1: the question again, and at most one record. */
function replyTo(question: Buffer, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const header = Buffer.from(question.subarray(0, 12));
  const rcode = typeof answer === 'string' ? RCODES[answer] : 0;
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(typeof answer === 'string' ? 0 : 1, 6);
  header.fill(0, 8);
  if (typeof answer === 'string') return Buffer.concat([header, question.subarray(12)]);
  const data = Array.isArray(answer) ? Buffer.concat(answer.map(counted)) : nameOf(answer.name);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  question.copy(record, 2, question.length - 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, question.subarray(12), record, data]);
}

const counted = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);

const nameOf = (name: string): Buffer => Buffer.concat([...name.split('.').map(counted), Buffer.from([0])]);
