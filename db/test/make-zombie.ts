import { spawnSync } from 'node:child_process'

/** Pid of a process that has ended and that its parent, asleep for a minute, does not collect. */
export function makeZombie(): number {
  const parent = 'sleep 0.1 & echo $!; exec sleep 60 >/dev/null 2>&1'
  const { stdout } = spawnSync('sh', ['-c', `(${parent}) & sleep 0.4`], { encoding: 'utf8', timeout: 5_000 })
  return Number(stdout)
}
