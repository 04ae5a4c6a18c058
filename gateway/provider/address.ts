// Addresses that a person typed in for the gateway to call must not lead into its own network.
//
// Exports: checkAddress, Lookup, lookupAll.

import { lookup as systemLookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { Refused } from '../refused.ts'
import { providerRefusals as refusals } from './refusal.ts'

/** All IP addresses of a host; rejects where it has none. */
export type Lookup = (host: string) => Promise<string[]>

export const lookupAll: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map(({ address }) => address)

// In the order in which they are told apart.
const closed: [string, BlockList][] = [
  ['loopback addresses', listOf('127.0.0.0/8', '::1/128')],
  [
    'private network addresses',
    listOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'),
  ],
  ['link-local addresses', listOf('169.254.0.0/16', '224.0.0.0/24', 'fe80::/10', 'ff02::/16')],
  ['multicast addresses', listOf('224.0.0.0/4', 'ff00::/8')],
  ['unspecified addresses', listOf('0.0.0.0/8', '::/128')],
]
const here = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::']

/**
 * That an address is https and its host nowhere near. The host may move later, so this is no wall:
 * it keeps an administrator's mistake, or a stolen admin token, from reading what only this machine
 * can reach.
 *
 * @throws Refused validation_failed
 */
export async function checkAddress(address: string, lookup: Lookup): Promise<void> {
  if (!URL.canParse(address)) {
    throw new Refused(refusals.badAddress('Invalid URL format'))
  }
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:') {
    throw new Refused(refusals.badAddress('URL must use HTTPS'))
  }
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') {
    throw new Refused(refusals.badAddress('URL must have a valid hostname'))
  }
  if (here.includes(host) || host.endsWith('.localhost')) {
    throw new Refused(refusals.badAddress('URL cannot point to localhost or loopback addresses'))
  }
  const addresses = isIP(host) ? [host] : await lookup(host).catch(() => [])
  if (addresses.length === 0) {
    throw new Refused(refusals.badAddress('Unable to resolve hostname'))
  }
  for (const ip of addresses) {
    const kind = closed.find(([, list]) => list.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4'))
    if (kind) {
      throw new Refused(refusals.badAddress(`URL cannot resolve to ${kind[0]}`))
    }
  }
}

function listOf(...subnets: string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net, size] = subnet.split('/') as [string, string]
    list.addSubnet(net, Number(size), isIP(net) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
