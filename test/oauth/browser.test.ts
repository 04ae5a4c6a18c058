// "Continue with …" on a page, as people meet it: Chromium, supabase-js, a real OpenID provider.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { noBrowser, openBrowser } from '../support/browser.ts'
import { openOpenId } from '../support/openid.ts'
import { openStack } from '../support/stack.ts'

const library = new URL(
  '../../node_modules/@supabase/supabase-js/dist/umd/supabase.js',
  import.meta.url,
)

/** The page of an application; its path says which flow it uses. */
const page = (api: string, anonKey: string) => `<!doctype html>
<title>An application</title>
<link rel="icon" href="data:," />
<button>Continue with Local</button>
<p id="email"></p>
<p id="provider_token"></p>
<p id="provider_refresh_token"></p>
<p id="error"></p>
<script src="/supabase.js"></script>
<script>
  const client = supabase.createClient('${api}', '${anonKey}', {
    auth: { flowType: location.pathname.slice(1) },
  })
  const show = (id, text) => (document.getElementById(id).textContent = text ?? 'none')
  document.querySelector('button').onclick = () =>
    client.auth.signInWithOAuth({
      provider: 'custom:local',
      options: {
        redirectTo: location.href.split(/[?#]/)[0],
        scopes: 'openid email calendar offline_access',
        queryParams: { prompt: 'consent' },
      },
    })
  client.auth.initialize().then(async ({ error }) => {
    const { session } = (await client.auth.getSession()).data
    show('error', error?.message)
    show('provider_token', session?.provider_token)
    show('provider_refresh_token', session?.provider_refresh_token)
    show('email', session?.user.email)
  })
</script>
`

t.test('signing in with another site in a browser', { skip: noBrowser }, async (t) => {
  const stack = await openStack(t)
  const openId = await openOpenId(t, stack)
  const server = createServer((request, response) => {
    const script = request.url === '/supabase.js'
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(script ? readFileSync(library) : page(stack.api, stack.anonKey))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const application = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const browser = await openBrowser(t)
  const faults: string[] = []

  async function visit(flow: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', (error) => faults.push(error.message))
    // The provider's pages want a font from afar.
    await page.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => route.abort(),
    )
    await page.goto(`${application}/${flow}`)
    await page.locator('#email', { hasText: 'none' }).waitFor()
    return page
  }
  const shown = (page: Page, id: string) => page.locator(`#${id}`).textContent()

  for (const flow of ['implicit', 'pkce']) {
    await t.test(`by the ${flow} flow the page has the user and the site’s tokens`, async (t) => {
      const page = await visit(flow)
      await page.getByRole('button', { name: 'Continue with Local' }).click()
      await page.fill('[name=login]', 'ann')
      await page.fill('[name=password]', 'x')
      await page.getByRole('button', { name: 'Sign-in' }).click()
      await page.getByText('calendar').first().waitFor()
      await page.getByRole('button', { name: 'Continue' }).click()

      await page.locator('#email', { hasText: 'ann@example.com' }).waitFor()
      t.match(await shown(page, 'provider_token'), /^[\w-]{20,}$/)
      t.match(await shown(page, 'provider_refresh_token'), /^[\w-]{20,}$/)
      t.equal(await shown(page, 'error'), 'none')
      t.notMatch(page.url(), /token|code=/, 'nothing of it stays in the address')

      const token = await shown(page, 'provider_token')
      const answer = await fetch(`${openId.issuer}/protocol/openid-connect/userinfo`, {
        headers: { authorization: `Bearer ${token}` },
      })
      t.match(await answer.json(), { sub: 'ann' }, 'the site takes its token')

      await page.reload()
      await page.locator('#email', { hasText: 'ann@example.com' }).waitFor()
    })
  }

  await t.test('who cancels is told so, and is nobody', async (t) => {
    const page = await visit('pkce')
    await page.getByRole('button', { name: 'Continue with Local' }).click()
    await page.getByText('Cancel').click()
    await page.locator('#error', { hasText: 'End-User aborted interaction' }).waitFor()
    t.equal(await shown(page, 'email'), 'none')
  })

  t.same(await stack.sql`select email from auth.users`, [{ email: 'ann@example.com' }])
  t.same(faults, [], 'no script failed')
})
