import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../../log.ts';
import type { App } from '../route.ts';
import { routeOf } from './request-log.ts';

/** A figure that is asked for when it is wanted, such as the deliveries by state. */
export interface GaugeSource {
  /** Prometheus name; begins with `owabi_` and ends with its unit. */
  name: string;
  help: string;
  labels: readonly string[];
  /** It only grows while the process lives (a Prometheus counter; its name ends in `_total`). */
  grows?: true;
  read(): Promise<{ labels: Record<string, string>; value: number }[]>;
}

/** `/metrics` for Prometheus: Node's own figures, the durations of requests by route, and `gauges`. */
export function addMetrics(app: App, gauges: readonly GaugeSource[], log: Logger): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'owabi_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  for (const source of gauges) addGauge(registry, source, log);
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: String(reply.statusCode) };
    durations.observe(labels, reply.elapsedTime / 1000);
  });
  app.register(async (scope: App) => {
    scope.get(
      '/metrics',
      { config: { public: true, unlimited: true }, schema: metricsSchema },
      async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
    );
  });
}

const metricsSchema = { summary: 'Figures for Prometheus', produces: ['text/plain'] };

function addGauge(registry: Registry, { name, help, labels, grows, read }: GaugeSource, log: Logger): void {
  new (grows ? Counter : Gauge)({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    async collect(this: Counter | Gauge) {
      this.reset();
      try {
        for (const { labels: of, value } of await read()) this.inc(of, value);
      } catch (err) {
        // A gauge that cannot be read is absent; the others are shown, above all when the database is away.
        log.warn({ event: 'metrics.gauge_failed', gauge: name, err });
      }
    },
  });
}
