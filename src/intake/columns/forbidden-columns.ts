/**
 * Names of columns that may not be stored: card numbers and security codes (PCI DSS 3.2 and 3.3), passwords and what
 * stands for one, My Number (番号法 art. 20). Names are folded by `foldHeader`.
 */
const EXACT = new Set(
  'pan cvv cvv2 cvc cvc2 cvn cid pin pwd pass pw ssn クレジットno クレカno salt secretkey resetkey rptoken'.split(' '),
);

const PART = new RegExp(
  [
    'カード(?:番号|no|ナンバー|number)|クレカ番号|クレジット番号|card(?:num|no$)|cc(?:num|no$)|primaryaccountnumber',
    'セキュリティー?(?:コード|番号)|security(?:code|number)|カード確認番号|^(?:card|カード|クレジットカード)?cv[cvn]',
    'パスワード|パスコード|password|passwd|passcode|passphrase|(?:ログイン|login|ユーザー?|user)(?:pw|pass)$',
    '暗証番号|^pin(?:コード|番号|no)|秘密の(?:質問の)?(?:答え|回答)|(?:secret|security|reminder)answer|reset(?:password)?token',
    'マイナンバー|個人番号|mynumber|socialsecurity',
  ].join('|'),
);

// Cards that pay nothing. Should their column hold payment cards after all, its cells say so.
const OTHER_CARD = /(?:ポイント|メンバーズ|診察|図書館?)カード(?:番号|no)/;
const LAST_FOUR = /(?:下|末尾|後)4(?:桁|けた|ケタ)|last4|lastfour|末尾4/;
const EXPIRY = /有効期限|expir|expdate|^(?:card|cc)exp|validthru|goodthru/;
const OTHER_EXPIRY = /ポイント|会員|クーポン|保証|point|coupon|member|session|token/;

/** Whether a folded header names something that may not be stored: card number, security code, password, My Number. */
export function isForbidden(folded: string): boolean {
  if (EXACT.has(folded)) return true;
  return PART.test(folded) && !LAST_FOUR.test(folded) && !OTHER_CARD.test(folded);
}

/** The last four digits of a card may be stored (PCI DSS 3.4.1); those of a postal code or a telephone are no card's. */
export function isLastFour(folded: string): boolean {
  return LAST_FOUR.test(folded) && !/郵便|zip|postal|電話|tel|phone/.test(folded);
}

/** A card's expiry date: may be stored, but nobody needs it here, so it is warned about. */
export function isExpiry(folded: string): boolean {
  return EXPIRY.test(folded) && !OTHER_EXPIRY.test(folded);
}
