// Whom a request comes from: the peer of the connection, or whom a trusted proxy forwards for.
//
// Exports: ProxyConfig, createClientAddress.

import { BlockList, isIP } from 'node:net'

export interface ProxyConfig {
  /** Networks, as 10.0.0.0/8. */
  trustedProxies: string[]
  /** The header in which proxies name the client; empty for X-Forwarded-For. */
  clientHeader: string
  /** Whether a proxy names the client in Sb-Forwarded-For, which then counts first. */
  sbForwardedFor: boolean
}

/**
 * Makes the function that tells a request's client by its peer and headers.
 *
 * Anybody can write anything into a header, and only what a trusted proxy has added can be believed.
 * Proxies add at the right, so the list is walked from there, past all that are trusted: the first
 * that is not is the client.
 */
export function createClientAddress(
  config: ProxyConfig,
): (peer: string, headers: Headers) => string {
  const trusted = new BlockList()
  for (const network of config.trustedProxies) {
    const [address = '', bits] = network.split('/')
    trusted.addSubnet(address, Number(bits), familyOf(address))
  }
  // To ask an empty list costs as much as a full one.
  const trusts = (address: string) =>
    config.trustedProxies.length > 0 &&
    isIP(address) !== 0 &&
    trusted.check(address, familyOf(address))
  const header = config.clientHeader || 'x-forwarded-for'

  return (peer, headers) => {
    let client = plain(peer)
    if (!trusts(client)) {
      return client
    }
    const named = config.sbForwardedFor && listOf(headers, 'sb-forwarded-for').find((one) => one)
    if (named) {
      return named
    }
    const forwarded = listOf(headers, header)
    while (trusts(client)) {
      const next = forwarded.pop()
      if (!next) {
        break
      }
      client = next
    }
    return client
  }
}

function listOf(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? '').split(',').map(plain)
}

/** An address without port, zone and the disguise of IPv4 in IPv6; empty for anything else. */
function plain(text: string): string {
  const address = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(address) === 0 ? '' : address
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
