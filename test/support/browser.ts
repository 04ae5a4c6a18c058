// A real browser: Debian's Chromium, or the one that CHROMIUM names.
//
// Exports `openBrowser` and `noBrowser`.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import type { Test } from 'tap'

const places = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser']
const program = places.find((path) => path !== '' && existsSync(path))

/** Why tests in a browser can't run here, for tap's option skip; false where they can. */
export const noBrowser = program
  ? false
  : 'Chromium is not installed: apt-get install chromium, or name one in CHROMIUM'

/** Opens a browser without a window; it is closed when the test `t` ends. */
export async function openBrowser(t: Pick<Test, 'teardown'>): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: program as string,
    args: [
      // Root, as in a container, can't have the sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  t.teardown(() => browser.close())
  return browser
}
