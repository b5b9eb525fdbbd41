import { sql } from 'kysely';
import { isMigrated } from '../db/migrate.ts';
import { alertRoutes } from '../http/api/alerts.routes.ts';
import { bounceRoutes } from '../http/api/bounces.routes.ts';
import { candidateRoutes } from '../http/api/candidates.routes.ts';
import { deliveryRoutes } from '../http/api/deliveries.routes.ts';
import { domainRoutes } from '../http/api/domains.routes.ts';
import { incidentRoutes } from '../http/api/incidents.routes.ts';
import { letterBatchRoutes } from '../http/api/letter-batches.routes.ts';
import { letterCheckRoutes } from '../http/api/letter-checks.routes.ts';
import { letterFileRoutes } from '../http/api/letter-files.routes.ts';
import { letterProfileRoutes } from '../http/api/letter-profiles.routes.ts';
import { letterTrackingRoutes } from '../http/api/letter-tracking.routes.ts';
import { listRowRoutes } from '../http/api/list-rows.routes.ts';
import { listRoutes } from '../http/api/lists.routes.ts';
import { markRoutes } from '../http/api/marks.routes.ts';
import { noticeRoutes } from '../http/api/notices.routes.ts';
import { personRoutes } from '../http/api/persons.routes.ts';
import { preflightRoutes } from '../http/api/preflights.routes.ts';
import { previewRoutes } from '../http/api/preview.routes.ts';
import { relayRoutes } from '../http/api/relays.routes.ts';
import { reportRoutes } from '../http/api/reports.routes.ts';
import { returnedLetterRoutes } from '../http/api/returned-letters.routes.ts';
import { statsRoutes } from '../http/api/stats.routes.ts';
import { substituteRoutes } from '../http/api/substitute.routes.ts';
import { suppressionRoutes } from '../http/api/suppressions.routes.ts';
import { templateRoutes } from '../http/api/templates.routes.ts';
import { userRoutes } from '../http/api/users.routes.ts';
import { makeRefusals, type Refusals, webhookRoutes } from '../http/api/webhooks.routes.ts';
import type { RoutePlugin } from '../http/route.ts';
import { buildServer } from '../http/server.ts';
import type { Queues } from '../queue/queues.ts';
import type { LetterPress } from '../rendering/types.ts';
import { readGauges } from '../reporting/gauges.store.ts';
import type { Services } from '../services.ts';
import { listenerGauges } from '../tracking/listener/listener-gauges.ts';
import { mailboxGauge } from '../tracking/mailbox/mailbox-gauge.ts';
import { readAnyReport } from '../tracking/read-any-report.ts';
import { ensureFirstAdmin } from '../users/users.store.ts';
import { openListener } from './listener.ts';
import { type Mail, preflightOf, relayNames } from './mail.ts';
import { openMailbox } from './mailbox.ts';

export interface ApiRole {
  url: string;
  stop(): Promise<void>;
}

/** Every route of the API. */
export function allRoutes(
  services: Services,
  press: LetterPress,
  mail: Mail | null,
  refusals: Refusals,
): RoutePlugin[] {
  const preflight = mail ? preflightOf(mail, services) : null;
  return [
    ...[userRoutes(services), templateRoutes(services), incidentRoutes(services)],
    ...[
      listRoutes(services),
      listRowRoutes(services),
      personRoutes(services),
      candidateRoutes(services),
      markRoutes(services),
      noticeRoutes({ ...services, preflight }),
      preflightRoutes({ ...services, preflight }),
      relayRoutes({ ...services, relays: relayNames(mail) }),
      statsRoutes(services),
      domainRoutes(services),
    ],
    ...[deliveryRoutes({ ...services, press }), letterBatchRoutes(services), alertRoutes(services)],
    ...[letterFileRoutes(services), letterCheckRoutes(services), letterTrackingRoutes(services)],
    ...[returnedLetterRoutes(services), substituteRoutes(services)],
    ...[suppressionRoutes(services), letterProfileRoutes({ ...services, press })],
    previewRoutes({ ...services, press, mail }),
    ...[webhookRoutes({ ...services, refusals }), bounceRoutes({ ...services, read: readAnyReport })],
    reportRoutes({ ...services, read: readAnyReport }),
  ];
}

/** Starts the API role: makes sure of a first administrator, then listens, by SMTP for reports too where that is set. */
export async function startApi(
  services: Services,
  queues: Queues,
  { mail, press }: { mail: Mail | null; press: LetterPress },
): Promise<ApiRole> {
  const { config, db, log } = services;
  const generated = await ensureFirstAdmin(db, config.adminApiKey);
  // Told on standard error, once: the log on standard output is kept and read by many.
  if (generated !== null) process.stderr.write(`The administrator's API key, shown this once: ${generated}\n`);
  const listener = await openListener(services, mail);
  const mailbox = openMailbox(services);
  const refusals = makeRefusals();
  const server = buildServer({
    services,
    routes: allRoutes(services, press, mail, refusals),
    health: {
      database: () => sql`select 1`.execute(db),
      queue: () => queues.ping(),
      migrations: () => isMigrated(db),
    },
    gauges: [
      ...readGauges(db, queues),
      refusals.gauge,
      ...(listener ? listenerGauges(listener.counts) : []),
      ...(mailbox ? [mailboxGauge(mailbox.isRead)] : []),
    ],
  });
  const stop = async (): Promise<void> => {
    await Promise.all([server.close(), listener?.close(), mailbox?.stop()]);
  };
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    log.info({ event: 'api.listening', url });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
