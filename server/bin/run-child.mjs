import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** How often to look whether npm is still there. Milliseconds. */
const PARENT_LOOK_MS = 250
/** One Ctrl-C arrives up to three times: from the terminal, from npm and from the shell between. Milliseconds. */
const SAME_SIGNAL_MS = 1_000

/**
 * Runs a program to its end and resolves with its exit code (128 + n when signal n ended it).
 * It gets a process group of its own, so that a signal reaches it once and only from here.
 */
export function runChild(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, detached: process.platform !== 'win32' })
    const lastSent = new Map()
    const forward = (signal) => {
      const now = Date.now()
      if (now - (lastSent.get(signal) ?? 0) < SAME_SIGNAL_MS) return
      lastSent.set(signal, now)
      child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    const watch = process.env.npm_lifecycle_event ? onParentGone(() => forward('SIGTERM')) : undefined
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearInterval(watch)
      for (const each of signals) process.off(each, forward)
      resolve(signal ? 128 + constants.signals[signal] : code)
    })
  })
}

/** A SIGTERM to npm ends npm and the shell it started, and neither passes it on to us: the only trace is a new parent. */
function onParentGone(act) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    act()
  }, PARENT_LOOK_MS)
  return watch
}
