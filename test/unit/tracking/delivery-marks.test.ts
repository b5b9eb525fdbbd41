import { describe, expect, it } from 'vitest';
import { deliveryToken } from '../../../src/delivery/email/addresses.ts';
import { proveDelivery } from '../../../src/tracking/matching/delivery-marks.ts';
import type { Marks } from '../../../src/tracking/reading/finding.ts';

// Of this delivery alone the code is ours.
const CODE = Buffer.from('0123456789');
const isOurs = (id: string, code: Buffer) => (id === '77' || id === '78') && code.equals(CODE);
const token = deliveryToken('77', CODE);
const other = deliveryToken('78', CODE);
const altered = deliveryToken('79', CODE);
const prove = (marks: Partial<Marks>, envelope: string[] = []) =>
  proveDelivery({ bounceAddresses: [], envelopeIds: [], messageIds: [], ...marks }, envelope, isOurs);

describe('the marks of a report', () => {
  it('count for nothing beside the proven address to which it came: other systems’ addresses look like ours', () => {
    const foreign = { bounceAddresses: [`b+${altered}@lists.example.com`] };
    expect(prove(foreign, [`b+${token}@bounce.example.jp`])).toEqual({ deliveryId: '77', by: 'bounce_address' });
    expect(prove(foreign)).toBe('forged');
  });

  it.each([
    ['of the envelope', {}, [`b+${token}@bounce.example.jp`], { deliveryId: '77', by: 'bounce_address' }],
    ['in capitals', {}, [`B+${token.toUpperCase()}@BOUNCE.example.jp`], { deliveryId: '77', by: 'bounce_address' }],
    ['in brackets', { bounceAddresses: [`<b+${token}@b.example.jp>`] }, [], { deliveryId: '77', by: 'bounce_address' }],
    [
      'behind a rewritten sender',
      { bounceAddresses: [`prvs=1234abcdef=b+${token}@f.example.com`] },
      [],
      { deliveryId: '77', by: 'bounce_address' },
    ],
    ['as ENVID', { envelopeIds: [` ${token} `] }, [], { deliveryId: '77', by: 'envelope_id' }],
    ['as Message-ID', { messageIds: [`<${token}@example.jp>`] }, [], { deliveryId: '77', by: 'message_id' }],
    [
      'as Message-ID that lost its brackets',
      { messageIds: [`${token}@example.jp`] },
      [],
      { deliveryId: '77', by: 'message_id' },
    ],
    [
      'as the second of several Message-IDs',
      { messageIds: ['<CAF=x.y@mail.example.com>', `<${altered}@example.jp>`, `<${token}@example.jp>`] },
      [],
      { deliveryId: '77', by: 'message_id' },
    ],
  ] as const)('prove a delivery: %s', (_what, marks, envelope, proof) => {
    expect(prove(marks as Partial<Marks>, [...envelope])).toEqual(proof);
  });

  it('are believed in their order', () => {
    const messageIds = [`<${other}@example.jp>`];
    expect(prove({ envelopeIds: [token], messageIds })).toEqual({ deliveryId: '77', by: 'envelope_id' });
    expect(prove({ envelopeIds: [token], messageIds }, [`b+${other}@b.example.jp`])).toEqual({
      ...{ deliveryId: '78', by: 'bounce_address' },
    });
  });

  it.each([
    ['a bounce address', {}, [`b+${altered}@b.example.jp`]],
    [
      'a bounce address beside a good Message-ID',
      { messageIds: [`<${token}@example.jp>`] },
      [`b+${altered}@b.example.jp`],
    ],
    ['a bounce address with a letter that no token has', {}, [`b+${token.slice(0, -1)}1@b.example.jp`]],
    ['an ENVID', { envelopeIds: [altered] }, []],
    ['a Message-ID', { messageIds: [`<${altered}@example.jp>`] }, []],
  ] as const)('are forged when one is altered: %s', (_what, marks, envelope) => {
    expect(prove(marks as Partial<Marks>, [...envelope])).toBe('forged');
  });

  it('of other systems say nothing', () => {
    const messageIds = [
      '<0100018f5c1a-1b2c-000000@email.amazonses.com>',
      '<BQxYzABCDEFGHIJKLMNOPQ@geopod.example>',
      'x',
      '',
    ];
    const envelopeIds = ['', 'QUEUE-ID.12345', 'aGVsbG8='];
    const bounceAddresses = ['bounces@example.com', 'b+news@example.com', 'bob+token@example.com', ''];
    expect(prove({ messageIds, envelopeIds, bounceAddresses }, ['postmaster@bounce.example.jp'])).toBeNull();
  });
});
