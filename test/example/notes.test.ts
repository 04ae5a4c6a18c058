// The example application as people use it: `npm start`, a browser, an inbox.

import type { Page } from 'playwright-core'
import t from 'tap'
import { noBrowser, openBrowser } from '../support/browser.ts'
import { openInbox } from '../support/inbox.ts'
import { freshPlace, runStart } from '../support/start.ts'

t.test('the example application', { skip: noBrowser }, async (t) => {
  const inbox = await openInbox(t)
  const system = runStart(t, {
    ...(await freshPlace(t)),
    SMTP_HOST: inbox.host,
    SMTP_PORT: String(inbox.port),
    SMTP_ADMIN_EMAIL: 'auth@example.com',
    GOTRUE_SMTP_MAX_FREQUENCY: '0s',
  })
  await system.ready()
  const [address = ''] = /http:\S+\/examples\/notes\//.exec(system.output()) ?? []
  const browser = await openBrowser(t)
  const faults: string[] = []

  /** Somebody's own browser window, at the page. */
  async function visit(width = 1200): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 800 } })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(address)
    await page.locator('#welcome').waitFor()
    return page
  }

  async function enter(page: Page, email: string, password: string, button: string) {
    await page.fill('#entry [name=email]', email)
    await page.fill('#entry [name=password]', password)
    await page.getByRole('button', { name: button }).click()
  }

  const verifyLink = async (email: string) => {
    const { links } = await inbox.next(email)
    return links.find((link) => link.includes('/verify?')) ?? ''
  }

  async function write(page: Page, body: string) {
    await page.fill('#write textarea', body)
    await page.getByRole('button', { name: 'Add note' }).click()
    await page.locator('#list li', { hasText: body }).waitFor()
  }

  const notes = (page: Page) => page.locator('#list li p').allTextContents()
  const message = (page: Page) => page.locator('#message').textContent()
  const ann = await visit()

  await t.test('Ann signs up, confirms by the mailed link and writes notes', async (t) => {
    await enter(ann, 'ann@example.com', 'correct horse battery', 'Sign up')
    await ann.locator('#message').waitFor()
    t.match(await message(ann), /^Nearly there: open the link .* ann@example\.com\.$/)
    await ann.goto(await verifyLink('ann@example.com'))
    await ann.locator('#none').waitFor()
    t.equal(await ann.locator('#email').textContent(), 'ann@example.com')
    t.equal(new URL(ann.url()).hash, '', 'the tokens have gone from the address')

    await write(ann, 'Bread\nand milk')
    await write(ann, '<b>not bold</b>')
    await ann.reload()
    await ann.locator('#list li').first().waitFor()
    t.same(await notes(ann), ['<b>not bold</b>', 'Bread\nand milk'])
  })

  await t.test('Bob, by magic link on a phone, sees none of them', async (t) => {
    const bob = await visit(390)
    await enter(bob, 'bob@example.com', '', 'Email me a link')
    await bob.locator('#message').waitFor()
    await bob.goto(await verifyLink('bob@example.com'))
    await bob.locator('#none').waitFor()
    t.same(await notes(bob), [])
    await write(bob, 'Mine')
    t.same(await notes(bob), ['Mine'])
    const width = await bob.evaluate('document.documentElement.scrollWidth')
    t.equal(width, 390, 'nothing is wider than the phone')
  })

  await t.test("Ann deletes a note, and Bob's are still not there", async (t) => {
    await ann.getByRole('button', { name: 'Delete' }).first().click()
    await ann.locator('#list li', { hasText: 'not bold' }).waitFor({ state: 'detached' })
    t.same(await notes(ann), ['Bread\nand milk'])
  })

  await t.test('a wrong password is told, and the right one signs in', async (t) => {
    await ann.getByRole('button', { name: 'Sign out' }).click()
    await ann.locator('#welcome').waitFor()
    await enter(ann, 'ann@example.com', 'wrong horse battery', 'Sign in')
    await ann.locator('#message.bad').waitFor()
    t.equal(await message(ann), 'Invalid login credentials')
    await enter(ann, 'ann@example.com', 'correct horse battery', 'Sign in')
    await ann.locator('#list li').first().waitFor()
    t.same(await notes(ann), ['Bread\nand milk'])
  })

  await t.test('a forgotten password is replaced by way of the mailed link', async (t) => {
    const elsewhere = await visit()
    await enter(elsewhere, 'ann@example.com', '', 'Forgot password?')
    await elsewhere.locator('#message').waitFor()
    const link = await verifyLink('ann@example.com')
    await elsewhere.goto(link)
    await elsewhere.locator('#renew [name=password]').fill('staple after staple')
    await elsewhere.getByRole('button', { name: 'Save password' }).click()
    await elsewhere.locator('#list li').first().waitFor()
    t.equal(await message(elsewhere), 'Your new password is saved.')

    const again = await visit()
    await enter(again, 'ann@example.com', 'staple after staple', 'Sign in')
    await again.locator('#list li').first().waitFor()
    await again.context().clearCookies()
    await again.goto('about:blank')
    await again.goto(link)
    await again.locator('#message.bad').waitFor()
    t.equal(await message(again), 'Email link is invalid or has expired', 'it worked once')
  })

  t.same(faults, [], 'no script failed')
})
