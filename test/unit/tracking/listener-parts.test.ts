import { randomBytes } from 'node:crypto';
import { bigInt, assert as holds, mixedCase, property, string, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliveryToken, readDeliveryToken } from '../../../src/delivery/email/addresses.ts';
import { judgeRecipient } from '../../../src/tracking/listener/judge-recipient.ts';
import { MessageBody, makeByteBudget } from '../../../src/tracking/listener/message-body.ts';
import { networkOf } from '../../../src/tracking/listener/networks.ts';
import { makeRates } from '../../../src/tracking/listener/rates.ts';
import { makeRefusals } from '../../../src/tracking/listener/refusals.ts';
import { announcedSize, recipientOf } from '../../../src/tracking/listener/smtp-commands.ts';
import { makeVault } from '../../../src/vault/vault.ts';

const keys = { find: async () => null, insert: async () => undefined };
const vault = makeVault({ masterKey: randomBytes(32).toString('base64'), keys: keys as never });
const ids = bigInt({ min: 1n, max: 2n ** 63n - 1n });

describe('a token', () => {
  it('is read back, whatever case a mail system has given it', () => {
    holds(
      property(
        ids.chain((id) => mixedCase(uintToken(id)).map((token) => ({ id, token }))),
        ({ id, token }) => {
          const read = readDeliveryToken(token);
          expect(read?.deliveryId).toBe(String(id));
          expect(vault.isBounceCode(String(id), read?.code as Buffer)).toBe(true);
        },
      ),
    );
  });

  it('is none when it was not written so: of each delivery there is one', () => {
    const token = deliveryToken('300', Buffer.alloc(10, 255));
    expect(readDeliveryToken(token)).not.toBeNull();
    for (const other of ['', 'a', token.slice(0, 15), token.replace(/.$/, 'z'), `${token}=`, `ａ${token}`]) {
      expect(readDeliveryToken(other), other).toBeNull();
    }
    holds(
      property(string(), uint8Array({ minLength: 11, maxLength: 18 }), (text, bytes) => {
        expect(readDeliveryToken(text)).toBeNull();
        const token = deliveryToken('1', Buffer.from(bytes));
        const read = readDeliveryToken(token);
        if (read) expect(deliveryToken(read.deliveryId, read.code)).toBe(token);
      }),
    );
  });
});

const uintToken = (id: bigint) =>
  string({ maxLength: 0 }).map(() => deliveryToken(String(id), vault.bounceCode(String(id))));

describe('a recipient', () => {
  const judge = (address: string) => judgeRecipient(address, { bounceDomain: 'Bounce.example.jp', vault });
  const token = deliveryToken('77', vault.bounceCode('77'));

  it('is one of our bounce addresses, in any case of letters', () => {
    for (const address of [`b+${token}@bounce.example.jp`, `B+${token.toUpperCase()}@BOUNCE.example.jp`]) {
      expect(judge(address)).toEqual({ address: `b+${token}@bounce.example.jp` });
    }
  });

  it('is the postmaster, with and without a domain', () => {
    for (const address of ['postmaster', 'PostMaster@bounce.example.jp']) {
      expect(judge(address)).toEqual({ address: 'postmaster@bounce.example.jp' });
    }
  });

  it('is nobody at another domain or of another form', () => {
    for (const address of [`b+${token}@example.jp`, `b+${token}@xbounce.example.jp`, 'taro@bounce.example.jp', 'b+']) {
      expect(judge(address)).toEqual({ refused: 'unknown_address' });
    }
  });

  it('is forged when the code is not that of the delivery', () => {
    const others = [deliveryToken('78', vault.bounceCode('77')), deliveryToken('77', randomBytes(10)), 'aaaa', ''];
    for (const other of others) {
      expect(judge(`b+${other}@bounce.example.jp`)).toEqual({ refused: 'forged_token' });
    }
  });
});

describe('commands', () => {
  it('have the size that MAIL announces, and no sender is too odd', () => {
    expect(announcedSize('MAIL FROM:<>')).toBeNull();
    expect(announcedSize('mail from: <> size=12 BODY=8BITMIME')).toBe('12');
    expect(announcedSize('MAIL FROM:<"taro..yamada"@docomo.ne.jp> RET=HDRS SIZE=7')).toBe('7');
    expect(announcedSize('MAIL FROM:<"a SIZE=9 b"@example.jp>')).toBeNull();
    expect(announcedSize('MAIL FROM:taro@example.jp SIZE=5')).toBe('5');
    expect(announcedSize('MAIL FROM:<> SIZE=x')).toBeNull();
    expect(announcedSize('MAIL TO:<a@example.jp>')).toBeUndefined();
    expect(announcedSize('MAIL')).toBeUndefined();
  });

  it('have the recipient, without what stands around it', () => {
    expect(recipientOf('RCPT TO:<b+x@example.jp>')).toBe('b+x@example.jp');
    expect(recipientOf('rcpt to: <@relay.example.jp,@b.example:b+x@example.jp> NOTIFY=NEVER')).toBe('b+x@example.jp');
    expect(recipientOf('RCPT TO:<"b+\\x"@example.jp> ORCPT=nonsense')).toBe('b+x@example.jp');
    expect(recipientOf('RCPT TO:postmaster')).toBe('postmaster');
    for (const line of ['RCPT TO:<>', 'RCPT TO:', 'RCPT <a@b.example>', 'RCPT']) expect(recipientOf(line)).toBeNull();
  });
});

describe('limits', () => {
  it('count an IPv4 address alone, and an IPv6 customer as one', () => {
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
    expect(networkOf('192.0.2.8')).toBe('192.0.2.8');
    const one = ['2001:db8:0:1::5', '2001:DB8::1:9:8:7:6', '2001:0db8:0000:0001:ffff:ffff:ffff:ffff'];
    expect(new Set(one.map(networkOf))).toEqual(new Set(['2001:db8:0:1::/64']));
    expect(networkOf('2001:db8:0:2::5')).toBe('2001:db8:0:2::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });

  it('allow so many in a minute, and again in the next', () => {
    const rates = makeRates({ perMinute: 2, mostKeys: 10 });
    expect([rates.allows('a', 0), rates.allows('a', 1), rates.allows('a', 59_999)]).toEqual([true, true, false]);
    expect(rates.allows('b', 59_999)).toBe(true);
    expect(rates.allows('a', 60_000)).toBe(true);
  });

  it('put whoever comes when the table is full into one place of it', () => {
    const rates = makeRates({ perMinute: 2, mostKeys: 3 });
    for (const key of ['a', 'b', 'c']) expect(rates.allows(key, 0)).toBe(true);
    expect(['d', 'e', 'f'].map((key) => rates.allows(key, 0))).toEqual([true, true, false]);
    expect(rates.allows('a', 0)).toBe(true);
  });

  it('tell the log of a reason at most once a minute, and lose no count by it', () => {
    const refusals = makeRefusals();
    expect(refusals.count('forged_token', 0)).toBe(1);
    for (let i = 0; i < 500; i++) expect(refusals.count('forged_token', 1000)).toBeNull();
    expect(refusals.count('unknown_address', 1000)).toBe(1);
    expect(refusals.count('forged_token', 60_000)).toBe(501);
    expect(refusals.totals().get('forged_token')).toBe(502);
  });
});

describe('a message', () => {
  const body = (mostBytes: number, room = 1024 * 1024) => {
    const budget = makeByteBudget(room);
    return { budget, body: new MessageBody({ mostBytes, budget }) };
  };

  it('is the bytes that came, in whatever pieces', () => {
    holds(
      property(uint8Array({ maxLength: 200 }), bigInt({ min: 1n, max: 50n }), (bytes, width) => {
        const { body: message, budget } = body(1000);
        for (let at = 0; at < bytes.length; at += Number(width)) {
          message.add(Buffer.from(bytes.subarray(at, at + Number(width))));
        }
        expect(message.bytes().equals(bytes)).toBe(true);
        message.release();
        expect(budget.held()).toBe(0);
      }),
    );
    const { body: large } = body(200_000);
    const bytes = randomBytes(100_000);
    for (let at = 0; at < bytes.length; at += 7777) large.add(bytes.subarray(at, at + 7777));
    expect(large.bytes().equals(bytes)).toBe(true);
  });

  it('gives its room back as soon as it is refused, and counts on', () => {
    const { body: message, budget } = body(100_000, 64 * 1024);
    message.add(Buffer.alloc(60_000));
    expect(message.refused).toBeNull();
    message.add(Buffer.alloc(30_000));
    expect(message.refused).toBe('no_room');
    expect(budget.held()).toBe(0);
    message.add(Buffer.alloc(30_000));
    expect({ refused: message.refused, size: message.size }).toEqual({ refused: 'too_large', size: 120_000 });
    message.release();
    expect(budget.held()).toBe(0);
  });
});
