// Notes that only their writer can read. All there is behind this page is supabase-js, the table
// and the policies of schema.sql: nothing here checks whose note it is.

import { config } from './config.js'

const { createClient } = window.supabase
const client = createClient(config.url, config.anonKey)
const find = (id) => document.getElementById(id)
// Mailed links lead back to this very page.
const here = location.origin + location.pathname

// A link that no longer works brings its reason in the fragment; supabase-js has not seen it yet.
const failure = new URLSearchParams(location.hash.slice(1)).get('error_description')
if (failure) {
  tell(failure, 'bad')
  history.replaceState(null, '', here)
}

for (const link of document.querySelectorAll('[data-inbox] a')) {
  link.href = config.inboxUrl
  link.parentElement.hidden = !config.inboxUrl
}

let recovering = false
client.auth.onAuthStateChange((event, session) => {
  if (event === 'PASSWORD_RECOVERY') recovering = true
  if (event === 'SIGNED_OUT') recovering = false
  // Not awaited, and not within this call: supabase-js holds a lock while it tells us.
  setTimeout(() => show(session).catch((error) => tell(error.message, 'bad')))
})

async function show(session) {
  find('account').hidden = !session
  find('email').textContent = find('owner').value = session?.user.email ?? ''
  find('welcome').hidden = Boolean(session)
  find('recovery').hidden = !session || !recovering
  find('notes').hidden = !session || recovering
  if (session && !recovering) await read()
}

/** What each button of the entry form does, and what to tell when it went well. */
const entries = {
  async signin({ email, password }) {
    await done(client.auth.signInWithPassword({ email, password }))
  },
  async signup({ email, password }) {
    const options = { emailRedirectTo: here }
    const { session } = await done(client.auth.signUp({ email, password, options }))
    if (!session) tell(`Nearly there: open the link that we have sent to ${email}.`)
  },
  async link({ email }) {
    await done(client.auth.signInWithOtp({ email, options: { emailRedirectTo: here } }))
    tell(`Open the link that we have sent to ${email}, and you are in.`)
  },
  async forgot({ email }) {
    await done(client.auth.resetPasswordForEmail(email, { redirectTo: here }))
    tell(`If ${email} has an account, a link to choose a new password is on its way.`)
  },
}

onSubmit('entry', ({ email, password }, chosen) => {
  const needsPassword = chosen === 'signin' || chosen === 'signup'
  if (needsPassword && !password) throw new Error('Please enter a password.')
  return entries[chosen]({ email, password })
})

onSubmit('renew', async ({ password }) => {
  await done(client.auth.updateUser({ password }))
  recovering = false
  tell('Your new password is saved.')
  const { session } = await done(client.auth.getSession())
  await show(session)
})

onSubmit('write', async ({ body }) => {
  await done(client.from('notes').insert({ body }))
  find('write').reset()
  await read()
})

find('signout').addEventListener('click', () => attempt(() => done(client.auth.signOut())))

async function read() {
  const columns = 'id,body,created_at'
  const { data: notes, error } = await client
    .from('notes')
    .select(columns)
    .order('id', { ascending: false })
  if (error?.code === 'PGRST205') throw new Error('The table is missing: run schema.sql first.')
  if (error) throw error
  find('list').replaceChildren(...notes.map(itemOf))
  find('none').hidden = notes.length > 0
}

function itemOf({ id, body, created_at }) {
  const item = find('note').content.cloneNode(true)
  item.querySelector('p').textContent = body
  item.querySelector('time').textContent = new Date(created_at).toLocaleString()
  item.querySelector('button').addEventListener('click', () =>
    attempt(async () => {
      await done(client.from('notes').delete().eq('id', id))
      await read()
    }),
  )
  return item
}

/** Runs the work with the form's fields and the value of the button that was pressed. */
function onSubmit(id, work) {
  find(id).addEventListener('submit', async (event) => {
    event.preventDefault()
    const { submitter, target } = event
    const fields = Object.fromEntries(new FormData(target))
    submitter.disabled = true
    await attempt(() => work(fields, submitter.value))
    submitter.disabled = false
  })
}

async function attempt(work) {
  find('message').hidden = true
  try {
    await work()
  } catch (error) {
    tell(error.message, 'bad')
  }
}

/** The data of supabase-js's answer; throws its error. */
async function done(answer) {
  const { data, error } = await answer
  if (error) throw error
  return data
}

function tell(text, tone = '') {
  find('message').textContent = text
  find('message').className = tone
  find('message').hidden = false
}
