import { describe, expect, it } from 'vitest';
import { groupRules, isCarrier, mailGroup } from '../../../src/delivery/mail-groups.ts';

describe('the group of a mail domain', () => {
  it.each([
    ['docomo.ne.jp', 'docomo'],
    ['ezweb.ne.jp', 'kddi'],
    ['biz.ezweb.ne.jp', 'kddi'],
    ['k9.dion.ne.jp', 'kddi'],
    ['uqmobile.jp', 'kddi'],
    ['i.softbank.jp', 'softbank'],
    ['t.vodafone.ne.jp', 'softbank'],
    ['wm.pdx.ne.jp', 'softbank'],
    ['yahoo.ne.jp', 'softbank'],
    ['rakumail.jp', 'rakuten'],
    ['googlemail.com', 'gmail'],
    ['yahoo.co.jp', 'yahoo_jp'],
    ['yahoo.com.tw', 'yahoo'],
    ['aol.com', 'yahoo'],
    ['hotmail.co.jp', 'microsoft'],
    ['outlook.jp', 'microsoft'],
    ['live.jp', 'microsoft'],
    ['me.com', 'icloud'],
    ['ac.auone-net.jp', 'kddi'],
    ['jupiter.ocn.ne.jp', 'ocn'],
    ['jcom.home.ne.jp', 'jcom'],
  ])('%s is %s', (domain, group) => {
    expect(mailGroup(domain)).toBe(group);
  });

  it.each([
    'example.jp',
    'notdocomo.ne.jp',
    'ne.jp',
    'docomo.ne.jp.example',
    'live.example',
    'hotmail',
    '',
    'a.gmail.com',
  ])('leaves %s to itself', (domain) => {
    expect(mailGroup(domain)).toBeNull();
  });

  it('has limits for the mobile carriers alone, and says that they are our own', () => {
    const limited = Object.entries(groupRules).filter(([, rule]) => rule.perMinute !== null);
    expect(limited.map(([group]) => group)).toEqual(['docomo', 'kddi', 'softbank', 'rakuten']);
    for (const [, rule] of limited) expect(rule.source).toContain('own first value');
    expect([isCarrier('docomo.ne.jp'), isCarrier('gmail.com'), isCarrier('example.jp')]).toEqual([true, false, false]);
  });
});
