// Loaded before the command: when the process that started it is gone (kill -9, a closed container), the command is asked
// to end too, so that no server is left behind. The pipe of PATROL_PARENT_PIPE closes at that moment.
import { Socket } from 'node:net'

const descriptor = Number(process.env.PATROL_PARENT_PIPE)
// Removed, since the command's own children and workers have no such pipe.
delete process.env.PATROL_PARENT_PIPE

if (descriptor > 2) {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false })
  pipe.on('error', () => undefined)
  pipe.on('close', () => process.kill(process.pid, 'SIGTERM'))
  pipe.resume()
  pipe.unref()
}
