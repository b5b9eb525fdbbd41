/**
 * Mail domains that are one receiver: the same servers, the same limits, the same readings of a reply. Data, for all who
 * ask what a domain is: pacing, failure classes, and the reading of addresses.
 */

type Carrier = 'docomo' | 'kddi' | 'softbank' | 'rakuten';
type Mailbox = 'gmail' | 'yahoo_jp' | 'yahoo' | 'microsoft' | 'icloud';
type Provider =
  | 'nifty'
  | 'biglobe'
  | 'ocn'
  | 'so_net'
  | 'plala'
  | 'jcom'
  | 'asahi_net'
  | 'odn'
  | 'dti'
  | 'iij'
  | 'hi_ho';
export type MailGroup = Carrier | Mailbox | Provider;

/** Limits of a group: how many messages a minute, how many at the same moment. Null: none of our own. */
export interface GroupRule {
  perMinute: number | null;
  concurrency: number | null;
  source: string;
  verifiedOn: string;
  effectiveFrom: string;
}

// A domain as it is; `*.` before it: whatever ends in it too. The carriers' are those that were ever given out, from
// lists of such domains in public code and from the carriers' pages; mail to domains of old goes to the carrier of today.
const domains: Record<MailGroup, string> = {
  docomo: 'docomo.ne.jp spmode.ne.jp dwmail.jp',
  kddi: `*.ezweb.ne.jp *.au.com *.auone-net.jp *.dion.ne.jp uqmobile.jp ido.ne.jp sky.tkk.ne.jp sky.tkc.ne.jp
    sky.tu-ka.ne.jp`,
  softbank: `softbank.ne.jp i.softbank.jp softbank.jp *.vodafone.ne.jp disney.ne.jp disneymobile.ne.jp ymobile.ne.jp
    ymobile1.ne.jp y-mobile.ne.jp yahoo.ne.jp willcom.com wcm.ne.jp *.pdx.ne.jp emobile.ne.jp emobile-s.ne.jp
    emnet.ne.jp jp-c.ne.jp jp-d.ne.jp jp-h.ne.jp jp-k.ne.jp jp-n.ne.jp jp-q.ne.jp jp-r.ne.jp jp-s.ne.jp jp-t.ne.jp`,
  rakuten: 'rakuten.jp rakumail.jp',
  gmail: 'gmail.com googlemail.com',
  yahoo_jp: 'yahoo.co.jp ymail.ne.jp ybb.ne.jp',
  yahoo: 'yahoo.com ymail.com rocketmail.com aol.com aim.com myyahoo.com',
  microsoft: 'outlook.com hotmail.com live.com msn.com passport.com windowslive.com',
  icloud: 'icloud.com me.com mac.com',
  nifty: 'nifty.com nifty.ne.jp',
  biglobe: '*.biglobe.ne.jp *.mesh.ne.jp',
  ocn: '*.ocn.ne.jp',
  so_net: '*.so-net.ne.jp so-net.jp',
  plala: '*.plala.or.jp plala.jp',
  jcom: '*.jcom.home.ne.jp *.jcom.zaq.ne.jp *.zaq.ne.jp *.zaq.jp jcom.ne.jp',
  asahi_net: '*.asahi-net.or.jp',
  odn: '*.odn.ne.jp *.odn.ad.jp',
  dti: '*.dti.ne.jp *.dti.ad.jp',
  iij: '*.iij4u.or.jp *.iij.ad.jp',
  hi_ho: '*.hi-ho.ne.jp',
};

// Brands with a domain in each country: `hotmail.co.jp`, `yahoo.com.tw`, `live.jp`.
const brands: Record<string, MailGroup> = {
  yahoo: 'yahoo',
  outlook: 'microsoft',
  hotmail: 'microsoft',
  live: 'microsoft',
};
const COUNTRY = /^(?:(?:com?\.)?[a-z]{2})$/;

const exact = new Map<string, MailGroup>();
const endings = new Map<string, MailGroup>();
for (const [group, list] of Object.entries(domains) as [MailGroup, string][]) {
  for (const domain of list.split(/\s+/)) {
    exact.set(domain.replace('*.', ''), group);
    if (domain.startsWith('*.')) endings.set(domain.slice(2), group);
  }
}

/** The group of a mail domain, given in lower case; null for a domain that stands for itself. */
export function mailGroup(domain: string): MailGroup | null {
  const known = exact.get(domain);
  if (known !== undefined) return known;
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    const group = endings.get(domain.slice(dot + 1));
    if (group !== undefined) return group;
  }
  const dot = domain.indexOf('.');
  const brand = brands[domain.slice(0, dot)];
  return brand !== undefined && COUNTRY.test(domain.slice(dot + 1)) ? brand : null;
}

const carrier: GroupRule = {
  ...{ perMinute: 3000, concurrency: 60 },
  source: 'own first value; no carrier publishes one; adapts by itself',
  ...{ verifiedOn: '2026-11-24', effectiveFrom: '2026-11-24' },
};
const none: GroupRule = {
  ...{ perMinute: null, concurrency: null },
  source: 'no limit of our own; adapts by itself',
  ...{ verifiedOn: '2026-11-24', effectiveFrom: '2026-11-24' },
};
const carriers: ReadonlySet<MailGroup> = new Set<Carrier>(['docomo', 'kddi', 'softbank', 'rakuten']);

/** The limits with which each group begins; an operator's own, and what a receiver asks for, come before them. */
export const groupRules = Object.fromEntries(
  (Object.keys(domains) as MailGroup[]).map((group) => [group, carriers.has(group) ? carrier : none]),
) as Record<MailGroup, GroupRule>;

/** Whether a domain, in lower case, is a Japanese mobile carrier's. */
export function isCarrier(domain: string): boolean {
  const group = mailGroup(domain);
  return group !== null && carriers.has(group);
}
