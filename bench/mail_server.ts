// The sink for mail, as the one that starts it sees it.
//
// Exports: Sink, startSink.

import { EventEmitter, once } from 'node:events'
import { startProgram } from './program.ts'

export interface Sink {
  port: number
  /** Has an event mail (to, at) for every mail; at is in nanoseconds of the monotonic clock. */
  mails: EventEmitter<{ mail: [to: string, at: bigint] }>
  close(): Promise<void>
}

export async function startSink(): Promise<Sink> {
  const program = startProgram('bench/sink.ts', {}, ['ignore', 'inherit', 'inherit', 'ipc'])
  const ended = once(program.child, 'exit').then(() => {
    throw new Error('the mail server of the bench did not start')
  })
  const told = once(program.child, 'message') as Promise<[{ port: number }]>
  const [{ port }] = await Promise.race([told, ended])
  ended.catch(() => {})
  const mails: Sink['mails'] = new EventEmitter()
  program.child.on('message', (taken: { to: string; at: string }[]) => {
    for (const { to, at } of taken) mails.emit('mail', to, BigInt(at))
  })
  return { port, mails, close: () => program.close() }
}
