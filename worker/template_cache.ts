// Templates that are at a URL: fetched, kept, and never waited for by more than one mail at a time.
//
// Exports TemplateSource and openTemplates().

import type { Logger } from 'pino'
import { reasonOf } from './failure.ts'
import { checkTemplate } from './template.ts'

/** What the settings say of one: sizes in bytes, times in seconds. */
export type TemplateSource = {
  url: string
  max_size: number
  max_age: number
  retry_interval: number
}

type Copy = {
  html?: string
  /** When it is to be fetched again, in milliseconds. */
  dueAt: number
  failed: boolean
  fetching?: Promise<void>
}

// Milliseconds.
const timeLimit = 10_000

/**
 * A mail waits for a fetch, ten seconds at most, unless the last one failed: then mails are made
 * from the copy that is there, or from nothing, while it is tried again beside them.
 *
 * @returns a function that gives the HTML; undefined where there is no copy, however old
 */
export const openTemplates = (log: Logger) => {
  const copies = new Map<string, Copy>()

  const refresh = async (source: TemplateSource, copy: Copy): Promise<void> => {
    try {
      const html = await load(source)
      checkTemplate(html)
      copy.html = html
      copy.failed = false
      copy.dueAt = Date.now() + source.max_age * 1000
    } catch (error) {
      copy.failed = true
      copy.dueAt = Date.now() + source.retry_interval * 1000
      const reason = reasonOf((error as Error).cause ?? error)
      const instead = copy.html === undefined ? 'the built-in' : 'the copy from before'
      log.error(
        { url: withoutSecrets(source.url), reason },
        `template not fetched, using ${instead}`,
      )
    } finally {
      delete copy.fetching
    }
  }

  return async (source: TemplateSource): Promise<string | undefined> => {
    const copy = copies.get(source.url) ?? { dueAt: 0, failed: false }
    // Settings that change often must not fill the memory.
    if (copies.size >= 100) copies.clear()
    copies.set(source.url, copy)
    if (Date.now() >= copy.dueAt) copy.fetching ??= refresh(source, copy)
    if (!copy.failed) await copy.fetching
    return copy.html
  }
}

const load = async ({ url, max_size: limit }: TemplateSource): Promise<string> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeLimit) })
  const parts: Uint8Array[] = []
  let size = 0
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new Error(`it answered ${response.status}`)
  }
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > limit) throw new Error(`it has more than ${limit} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

const withoutSecrets = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
