import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { afterEach, describe, expect, it } from 'vitest';
import { readRelay } from '../../src/delivery/email/relays/relay-setting.ts';
import { type Submission, submitMessage } from '../../src/delivery/email/submit-message.ts';
import { testPool } from '../support/relay-pool.ts';
import { type Sink, type SinkBehaviour, type SinkMoment, startSink } from '../support/smtp-sink.ts';

let sink: Sink | undefined;

afterEach(() => sink?.close());

async function submit(
  stage: SinkMoment['stage'] | null,
  behaviour: SinkBehaviour,
  bytes: Buffer,
  mayGoOut = async () => true,
): Promise<Submission> {
  sink = await startSink({ behaviour: (moment) => (moment.stage === stage ? behaviour : 'accept') });
  const connection = new SMTPConnection({ host: '127.0.0.1', port: sink.port, ignoreTLS: true, socketTimeout: 300 });
  connection.on('error', () => undefined);
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  const message = { from: 'b+token@bounce.example.jp', to: 'taro..@example.jp', pieces: [bytes], envelopeId: 'token' };
  return await submitMessage(connection, message, mayGoOut).finally(() => connection.close());
}

const small = Buffer.from('Subject: a\r\n\r\nb\r\n');
const large = Buffer.concat([Buffer.from('Subject: a\r\n\r\n'), Buffer.alloc(20_000_000, 'line of the body\r\n')]);

describe('where a submission broke', () => {
  it('is safe to try again when the connection breaks while the body is still going out', async () => {
    const submission = await submit('body', 'drop', large);
    expect(submission).toMatchObject({ kind: 'failed', failure: { reply: null } });
  });

  it.each(['drop', 'hang'] as const)(
    'is uncertain when the server is silent after the final dot (%s)',
    async (behaviour) => {
      expect((await submit('dot', behaviour, small)).kind).toBe('uncertain');
      expect(sink?.received().length).toBe(1);
    },
  );

  it('never asks for the body of a recipient who is refused', async () => {
    let asked = false;
    const submission = await submit('rcpt', { reply: '550 5.1.1 unknown' }, small, async () => {
      asked = true;
      return true;
    });
    expect(submission).toMatchObject({ kind: 'failed', failure: { stage: 'rcpt', reply: 550, enhanced: '5.1.1' } });
    expect(asked).toBe(false);
  });

  it.each([
    ['not allowed', async () => false],
    ['not written down', () => Promise.reject(new Error('the database is away'))],
  ])('sends not a byte of the body when the mark is %s', async (_case, mayGoOut) => {
    expect((await submit(null, 'accept', small, mayGoOut)).kind).toBe('not_allowed');
    expect(sink?.received()).toEqual([]);
  });
});

describe('a connection that we cut ourselves', () => {
  it.each([
    ['before the body', 'data', 'failed'],
    ['after the final dot', 'dot', 'uncertain'],
  ] as const)('ends the message %s', async (_case, stage, kind) => {
    const at = Promise.withResolvers<void>();
    sink = await startSink({
      behaviour: (moment) => {
        if (moment.stage !== stage) return 'accept';
        at.resolve();
        return 'hang';
      },
    });
    const pool = testPool([readRelay(sink.url)], 1);
    const message = { from: 'b+token@bounce.example.jp', to: 'a@example.jp', pieces: [small], envelopeId: 'token' };
    const submission = pool.submit(message, async () => true);
    await at.promise;
    pool.cut();
    expect((await submission).kind).toBe(kind);
    sink.behave(() => 'accept');
    expect((await pool.submit(message, async () => true)).kind).toBe('submitted');
    await pool.close();
  });
});
