import Type from 'typebox';
import { OwabiError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { storeReport } from '../../tracking/reports.store.ts';
import {
  acceptMailgun,
  acceptPostmark,
  acceptSendgrid,
  type WebhookEvent,
  type WebhookPost,
} from '../../tracking/webhooks/accept-post.ts';
import { acceptSes, type SesPost } from '../../tracking/webhooks/accept-ses.ts';
import { type AskSns, askSns, makeFindCertificate } from '../../tracking/webhooks/ask-sns.ts';
import type { WebhookWay } from '../../tracking/webhooks/read-webhook-event.ts';
import type { GaugeSource } from '../plugins/metrics.ts';
import type { App, RoutePlugin } from '../route.ts';

/** The largest post: a batch of SendGrid is below 1 MB, a bounce that Postmark includes may be longer. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Events of one post that are stored at the same time. */
const AT_ONCE = 4;

const Taken = Type.Object({
  stored: Type.Integer({ description: 'Events that are now kept, and will be read.' }),
  repeated: Type.Integer({ description: 'Events that were here before: nothing is done again.' }),
});

/** Counts what was refused, for the metrics of this process. */
export interface Refusals {
  count(way: WebhookWay, code: string): void;
  gauge: GaugeSource;
}

/** Makes the counter of refused posts, from zero. */
export function makeRefusals(): Refusals {
  const counts = new Map<string, { labels: { way: string; code: string }; value: number }>();
  return {
    count(way, code) {
      const key = `${way} ${code}`;
      const entry = counts.get(key) ?? { labels: { way, code }, value: 0 };
      counts.set(key, { ...entry, value: entry.value + 1 });
    },
    gauge: {
      ...{ name: 'owabi_webhook_refusals_total', labels: ['way', 'code'] },
      help: 'Posts to webhooks of mail providers that this process has refused since it began.',
      read: async () => [...counts.values()],
    },
  };
}

interface WebhookRoutesDeps extends Pick<Services, 'db' | 'vault' | 'hint' | 'log'> {
  config: {
    reports: Pick<Services['config']['reports'], 'sesTopicArns' | 'sendgridKey' | 'mailgunKey' | 'postmarkLogin'>;
  };
  refusals: Refusals;
  /** For tests: how Amazon SNS is asked. */
  ask?: AskSns;
}

/** Takes the events of one post apart, or throws why it is not taken. */
type Accept = (post: WebhookPost) => Promise<WebhookEvent[]> | WebhookEvent[];

/** The webhooks of the mail providers that the settings name; the others are not there. */
export const webhookRoutes =
  (deps: WebhookRoutesDeps): RoutePlugin =>
  async (app) => {
    const { sesTopicArns, sendgridKey, mailgunKey, postmarkLogin } = deps.config.reports;
    // Signatures are made over the body as it was sent. SNS calls it text/plain.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    if (sesTopicArns.length > 0) addWebhook(app, deps, 'ses', 'Amazon SES, by SNS', acceptFromSes(deps));
    if (sendgridKey) {
      const accept = acceptSendgrid(sendgridKey);
      addWebhook(app, deps, 'sendgrid', 'SendGrid', (post) => accept(post, new Date()));
    }
    if (mailgunKey) {
      const accept = acceptMailgun(mailgunKey);
      addWebhook(app, deps, 'mailgun', 'Mailgun', (post) => accept(post, new Date()));
    }
    if (postmarkLogin) {
      const accept = acceptPostmark(postmarkLogin);
      addWebhook(app, deps, 'postmark', 'Postmark', (post) => accept(post, new Date()));
    }
  };

function addWebhook(app: App, deps: WebhookRoutesDeps, way: WebhookWay, provider: string, accept: Accept): void {
  app.post(
    `/v1/webhooks/${way}`,
    {
      schema: {
        ...{ tags: ['webhooks'], summary: `Events of ${provider}`, response: { 200: Taken } },
        description: 'Signed by the provider, or with its login. Kept before it is answered, read afterwards.',
        body: Type.Any({ description: `As ${provider} posts it.` }),
      },
      // Not counted: from behind one proxy a forger would use up what the provider needs.
      config: { public: true, unlimited: true },
      bodyLimit: MOST_BYTES,
    },
    async ({ headers, body, id: requestId }, reply) => {
      try {
        const events = await accept({ headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) });
        return await store(deps, way, events);
      } catch (error) {
        if (error instanceof OwabiError && error.status < 500) {
          deps.refusals.count(way, error.code);
          deps.log.warn({ event: 'webhook.refused', way, code: error.code, requestId });
          if (way === 'postmark' && error.status === 401) reply.header('www-authenticate', 'Basic realm="owabi"');
        }
        throw error;
      }
    },
  );
}

/**
 * Keeps the events of one post, each by itself: when one cannot be kept the provider is not told that we have them, posts
 * them all again, and those that were kept are known by their keys.
 */
async function store(deps: WebhookRoutesDeps, way: WebhookWay, events: WebhookEvent[]) {
  const taken = { stored: 0, repeated: 0 };
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const some = events.slice(from, from + AT_ONCE);
    const results = await Promise.all(some.map(({ key, bytes }) => storeReport(deps, { way, wayKey: key, bytes })));
    for (const { repeated } of results) taken[repeated ? 'repeated' : 'stored']++;
  }
  return taken;
}

function acceptFromSes(deps: WebhookRoutesDeps): Accept {
  const ask = deps.ask ?? askSns;
  const accept = acceptSes({ topics: deps.config.reports.sesTopicArns, findCertificate: makeFindCertificate(ask) });
  return async (post) => {
    const meant = await accept(post, new Date());
    if (meant.kind === 'event') return meant.events;
    await followTopic(deps, ask, meant);
    return [];
  };
}

async function followTopic(
  { log }: WebhookRoutesDeps,
  ask: AskSns,
  meant: Exclude<SesPost, { kind: 'event' }>,
): Promise<void> {
  if (meant.kind === 'end') return log.warn({ event: 'webhook.unsubscribed', topic: meant.topic });
  const answer = await ask(meant.confirmUrl).catch(() => null);
  // SNS posts it again, and an operator can ask for it again.
  if (answer === null) throw new OwabiError('unavailable', 'The subscription could not be confirmed at Amazon SNS.');
  log.info({ event: 'webhook.subscribed', topic: meant.topic });
}
