// Where a link may lead. Whoever finds a way past this gets other people's tokens.

import t, { type Test } from 'tap'
import { openDatabase } from '../support/database.ts'

const { settings, sql } = await openDatabase(t)

async function expect(t: Pick<Test, 'equal'>, allowed: boolean, targets: (string | null)[]) {
  for (const target of targets) {
    const [row] = await sql`select auth_private.redirect_allowed(${target}) as allowed`
    t.equal(row?.allowed, allowed, JSON.stringify(target))
  }
}

t.test('the site itself is allowed, on every path', async (t) => {
  await settings({ site_url: 'https://app.example.com', uri_allow_list: '' })
  await expect(t, true, [
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com/a/b?c=d&e=https://evil.example#f',
    'https://app.example.com?a=b',
    'https://app.example.com#a',
    'HTTPS://APP.example.COM/x',
    'https://app.example.com:/x',
  ])
})

t.test('nothing else is, however it is written', async (t) => {
  await expect(t, false, [
    null,
    '',
    ' ',
    '/',
    '/path',
    'path',
    'app.example.com',
    '//app.example.com',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    'https://',
    'https:///',
    'https://?',
    'https://#',
    'http://app.example.com',
    'ftp://app.example.com',
    'https://app.example.com:443',
    'https://app.example.com:8443',
    'https://app.example.com:x',
    'https://app.example.com:443:443',
    'https://example.com',
    'https://x.app.example.com',
    'https://app.example.com.evil.example',
    'https://app.example.comevil.example',
    'https://evil.example/app.example.com',
    'https://evil.example?https://app.example.com',
    'https://evil.example#https://app.example.com',
    'https://evil.example\\@app.example.com',
    'https://evil.example\\app.example.com',
    'https://app.example.com\\@evil.example',
    'https://app.example.com\\.evil.example',
    'https://app.example.com@evil.example',
    'https://app.example.com:pw@evil.example',
    'https://app.example.com:443@evil.example',
    'https://a@app.example.com@evil.example',
    'https://app.example.com%40evil.example',
    'https://app.example.com%2f@evil.example',
    'https://app.example.com%00.evil.example',
    'https://app.example.com%2eevil.example',
    'https://app.example.com&evil.example',
    'https://app.example.com;evil.example',
    'https://app.example.com,evil.example',
    'https://app.example.com.',
    'https://app.example.com。evil.example',
    'https://app。example。com',
    'https://аpp.example.com',
    'https://evil.example／app.example.com',
    'https://evil.example？app.example.com',
    'https://[app.example.com]',
    'https://[::1]evil.example',
    ' https://app.example.com',
    '\thttps://evil.example',
    'https://app.example.com/\r\nSet-Cookie: a=b',
    'https://app.example.com/\n',
    'https://app.example.com/a b',
    'https://app.exa\tmple.com',
    'https://app.example.com\u0001',
    'https://app.example.com/\u007f',
    'java\nscript://app.example.com/%0aalert(1)',
    'javascript:alert(1)',
    'javascript:alert(1)//https://app.example.com',
    'javascript://app.example.com/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'data://app.example.com/text/html,x',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'file://app.example.com/etc/passwd',
    'blob:https://app.example.com/1',
    'about:blank',
    'mailto:eve@evil.example',
    'https+x://app.example.com',
    '1https://app.example.com',
    '://app.example.com',
  ])
})

t.test('a site on one’s own machine may have any port', async (t) => {
  await settings({ site_url: 'http://localhost:3000' })
  await expect(t, true, ['http://localhost:3000/x', 'http://localhost:5173', 'http://localhost'])
  await expect(t, false, ['https://localhost:3000', 'http://localhost.evil.example:3000'])
  await settings({ site_url: 'http://shop.localhost:3000' })
  await expect(t, true, ['http://shop.localhost:5173'])
  await expect(t, false, ['http://other.localhost:3000', 'http://localhost:3000'])
})

t.test('a number for a host is allowed only if it is this machine', async (t) => {
  await settings({ site_url: 'https://app.example.com', uri_allow_list: '**' })
  await expect(t, true, [
    'http://127.0.0.1',
    'http://127.0.0.1:8080/x',
    'http://127.1.2.3/x',
    'http://[::1]:8080/x',
    'exp://127.0.0.1:19000/--/',
  ])
  await expect(t, false, [
    'http://8.8.8.8',
    'http://1.1',
    'http://134744072',
    'http://0x08080808',
    'http://0X08.0x08.8.8',
    'http://0x8.8',
    'http://010.8.8.8',
    'http://8.8.8.8.',
    'http://evil.0x08',
    'http://127.0.0.1.8',
    'http://127.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://169.254.169.254/latest/meta-data',
    'http://[::]',
    'http://[::ffff:8.8.8.8]',
    'http://[::1].evil.example',
    'http://[2001:db8::1]',
    'http://127.0.0.1@8.8.8.8',
  ])
})

t.test('scripts and files are never a place to go', async (t) => {
  await expect(t, false, [
    'javascript://127.0.0.1/%0aalert(1)',
    'JavaScript://x/%0aalert(1)',
    'javascript://%0aalert(1)',
    'data://x/text/html,x',
    'vbscript://x/%0a',
    'file://127.0.0.1/etc/passwd',
    'blob://x',
  ])
})
