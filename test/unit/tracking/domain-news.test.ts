import { describe, expect, it } from 'vitest';
import { domainNews } from '../../../src/tracking/applying/domain-news.ts';

const said = (failure: string | null, over = {}) => ({
  ...{ class: failure as null, status: '5.7.1', forwarded: false, domain: 'gmail' as string | null, incidentId: '1' },
  ...over,
});

describe('what new reports say of mail domains', () => {
  it('is that they ask for less, refuse us, or do not believe us', () => {
    expect(domainNews([said('throttled'), said('sender_blocked'), said('sender_auth')]).signals).toEqual([
      { domain: 'gmail', incidentId: '1', kind: 'throttled', code: '5.7.1' },
      { domain: 'gmail', incidentId: '1', kind: 'blocked', code: '5.7.1' },
      { domain: 'gmail', incidentId: '1', kind: 'blocked', code: '5.7.1' },
    ]);
  });

  it('counts addresses of nobody by domain', () => {
    const { tallies } = domainNews([
      ...[said('invalid_mailbox'), said('invalid_mailbox'), said('mailbox_full')],
      said('invalid_mailbox', { domain: 'docomo' }),
    ]);
    expect(tallies).toEqual([
      { domain: 'gmail', tried: 0, invalid: 2 },
      { domain: 'docomo', tried: 0, invalid: 1 },
    ]);
  });

  it('is nothing for a forwarder’s target, an unknown domain, or what is no failure', () => {
    const nothing = { signals: [], tallies: [] };
    expect(
      domainNews([said('sender_blocked', { forwarded: true }), said('invalid_mailbox', { domain: null })]),
    ).toEqual(nothing);
    expect(domainNews([said(null), said('content')])).toEqual(nothing);
  });
});
