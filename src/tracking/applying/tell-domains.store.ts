import { noteDomainTallies } from '../../delivery/dispatch/domain-minutes.store.ts';
import { noteDomainSignals } from '../../delivery/dispatch/mail-domains.store.ts';
import type { Services } from '../../services.ts';
import type { ReportedDelivery } from '../matching/match-report.store.ts';
import type { Applied } from './apply-finding.store.ts';
import { domainNews } from './domain-news.ts';

/**
 * Slows or holds domains by the emails that came back just now, each once: whoever has one bounce address of ours can write
 * many reports, but has one email to bring back. What cannot be written down now, the next reports will tell.
 */
export async function tellDomains(
  deps: Pick<Services, 'db' | 'log' | 'simulated'>,
  { steps, fresh }: Pick<Applied, 'steps' | 'fresh'>,
  deliveries: ReadonlyMap<string, ReportedDelivery>,
): Promise<void> {
  const { signals, tallies } = domainNews(
    steps
      .filter(({ to }) => to === 'bounced')
      .map(({ deliveryId, class: failure, code: status }) => {
        const { domain = null, incidentId = '' } = deliveries.get(deliveryId) ?? {};
        const said = fresh.find((one) => one.deliveryId === deliveryId && one.class === failure);
        return { class: failure, status, forwarded: said?.forwarded ?? false, domain, incidentId };
      }),
  );
  try {
    if (signals.length > 0) await noteDomainSignals(deps, signals);
    if (tallies.length > 0) await noteDomainTallies(deps, tallies);
  } catch (err) {
    deps.log.warn({ event: 'domain.not_noted', err });
  }
}
