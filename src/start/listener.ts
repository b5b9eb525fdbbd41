import type { Services } from '../services.ts';
import { type Listener, startListener } from '../tracking/listener/listener.ts';
import { loadTlsIdentity } from '../vault/tls-identity.ts';
import type { Mail } from './mail.ts';

/** The SMTP listener for reports; null when it is not set. @throws Error with a sentence for the operator */
export async function openListener(services: Services, mail: Mail | null): Promise<Listener | null> {
  const { listen, tlsIdentity } = services.config.reports;
  if (listen === null) return null;
  if (mail === null) throw new Error('BOUNCE_LISTEN takes reports for BOUNCE_DOMAIN: set SMTP_URL and what it needs.');
  const identity = tlsIdentity === null ? null : await loadTlsIdentity('BOUNCE_TLS_IDENTITY', tlsIdentity);
  return await startListener({ ...services, listen, bounceDomain: mail.bounceDomain, identity });
}
