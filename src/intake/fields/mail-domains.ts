/** Domains with so many users that one wrong key on the way to them is likelier than a company of that name. */
const BIG =
  'gmail.com googlemail.com yahoo.co.jp yahoo.com ymail.ne.jp hotmail.com hotmail.co.jp outlook.com outlook.jp icloud.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp ymobile.ne.jp uqmobile.jp rakuten.jp biglobe.ne.jp plala.or.jp nifty.com so-net.ne.jp jcom.home.ne.jp infoseek.jp excite.co.jp protonmail.com'.split(
    ' ',
  );

/** Real domains one key away from those, or big themselves and too short to tell a slip from another name. */
const REAL = new Set([
  ...BIG,
  ...'ymail.com email.com mail.com gmx.com gmx.net hmail.com zmail.com fmail.com nmail.com cmail.com tmail.com smail.com gmail.co.uk'.split(
    ' ',
  ),
  ...'hotmail.co.uk hotmail.ca hotmail.fr hotmail.de hotmail.it hotmail.es outlook.fr outlook.de outlook.es'.split(' '),
  ...'yahoo.ca yahoo.co.uk yahoo.co.in yahoo.com.au yahoo.com.tw yahoo.com.hk yahoo.com.sg yahoo.co.kr yahoo.fr'.split(
    ' ',
  ),
  ...'au.com me.com mac.com msn.com aol.com live.com live.jp goo.jp ocn.ne.jp odn.ne.jp dti.ne.jp dion.ne.jp'.split(
    ' ',
  ),
  ...'vodafone.ne.jp disney.ne.jp mobile.ne.jp y-mobile.ne.jp emobile.ne.jp plala.jp so-net.jp softbank.jp'.split(' '),
]);

/** More than one key away, and still what only somebody who meant a big domain writes. */
const SLIPS = new Set(
  'gmail.jp gmail.co.jp gmail.ne.jp gmail.cm gmail.om gnail.con yahoo.jp yahoo.ne.jp yahoo.or.jp docomo.jp docomo.co.jp docomo.com docomo.or.jp docomo.ne ezweb.jp ezweb.co.jp ezweb.com softbank.co.jp softbank.com i.softbank.ne.jp i.softbank.co.jp icloud.jp icloud.co.jp icloud.ne.jp hotmail.jp hotmail.ne.jp outlook.ne.jp au.ne.jp au.jp'.split(
    ' ',
  ),
);

// By length, because a slip changes it by one at most.
const bigByLength: readonly (readonly string[])[] = Array.from({ length: 24 }, (_none, length) =>
  BIG.filter((big) => Math.abs(big.length - length) <= 1),
);

/** Whether a domain is most likely a slip of the keyboard for a big one. It may exist all the same. */
export function looksMistyped(domain: string): boolean {
  if (REAL.has(domain)) return false;
  if (SLIPS.has(domain)) return true;
  return bigByLength[domain.length]?.some((big) => isOneSlipAway(domain, big)) ?? false;
}

/** One character too many, too few or another, or two neighbours swapped (Damerau 1964). */
function isOneSlipAway(text: string, other: string): boolean {
  const longer = text.length - other.length;
  if (longer > 1 || longer < -1) return false;
  let at = 0;
  while (at < text.length && text.charCodeAt(at) === other.charCodeAt(at)) at++;
  if (longer === 1) return endsAlike(text, at + 1, other, at);
  if (longer === -1) return endsAlike(text, at, other, at + 1);
  if (endsAlike(text, at + 1, other, at + 1)) return true;
  const swapped = text.charCodeAt(at) === other.charCodeAt(at + 1) && text.charCodeAt(at + 1) === other.charCodeAt(at);
  return swapped && endsAlike(text, at + 2, other, at + 2);
}

function endsAlike(text: string, from: number, other: string, otherFrom: number): boolean {
  if (text.length - from !== other.length - otherFrom) return false;
  for (let i = text.length - 1, j = other.length - 1; i >= from; i--, j--) {
    if (text.charCodeAt(i) !== other.charCodeAt(j)) return false;
  }
  return true;
}
