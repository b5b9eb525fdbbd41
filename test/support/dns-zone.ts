import type { Dns } from '../../src/delivery/preflight/look-ups.ts';

/** Records by question, such as `TXT example.jp` or `PTR 203.0.113.5`; a string is the code of an error. */
export type Zone = Record<string, unknown[] | string>;

/** A DNS that knows the root and what is in the zone. */
export function dnsOfZone(zone: Zone): Dns {
  const ask = async (question: string): Promise<unknown[]> => {
    const answer = { 'NS .': ['a.root-servers.net'], ...zone }[question] ?? 'ENOTFOUND';
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer });
    return answer;
  };
  return {
    resolve: (name, type) => ask(`${type} ${name}`),
    reverse: async (address) => (await ask(`PTR ${address}`)) as string[],
  };
}
