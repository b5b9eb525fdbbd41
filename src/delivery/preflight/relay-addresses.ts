import { BlockList, isIP, isIPv6 } from 'node:net';
import type { LookUps } from './look-ups.ts';

/** Addresses that nobody outside sees (RFC 6890): private, loopback, link-local, shared, unique local. */
const inside = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ] as const),
] as const) {
  inside.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  inside.addSubnet(net, bits, 'ipv6');

const isPublic = (address: string): boolean => !inside.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/**
 * The addresses of the relays that receivers may see.
 * @param hosts names or addresses
 * @throws NotLookedUp
 */
export async function publicAddresses(hosts: readonly string[], lookUps: LookUps): Promise<string[]> {
  const found = await Promise.all(hosts.map((host) => (isIP(host) ? [host] : lookUps.addresses(host))));
  return [...new Set(found.flat())].filter(isPublic);
}
