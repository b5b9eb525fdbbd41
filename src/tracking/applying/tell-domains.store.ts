import { noteDomainTallies } from '../../delivery/dispatch/domain-minutes.store.ts';
import { noteDomainSignals } from '../../delivery/dispatch/mail-domains.store.ts';
import type { Services } from '../../services.ts';
import type { ReportedDelivery } from '../matching/match-report.store.ts';
import type { Applied } from './apply-finding.store.ts';
import { domainNews } from './domain-news.ts';

/** Slows or holds domains by what reports have newly said. What cannot be written down now, the next reports will tell. */
export async function tellDomains(
  deps: Pick<Services, 'db' | 'log' | 'simulated'>,
  { fresh }: Pick<Applied, 'fresh'>,
  deliveries: ReadonlyMap<string, ReportedDelivery>,
): Promise<void> {
  const { signals, tallies } = domainNews(
    fresh.map((said) => {
      const { domain = null, incidentId = '' } = deliveries.get(said.deliveryId) ?? {};
      return { ...said, domain, incidentId };
    }),
  );
  try {
    if (signals.length > 0) await noteDomainSignals(deps, signals);
    if (tallies.length > 0) await noteDomainTallies(deps, tallies);
  } catch (err) {
    deps.log.warn({ event: 'domain.not_noted', err });
  }
}
