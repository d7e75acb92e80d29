import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'

export interface DemoOptions {
  /** Folder of real input to run the city on; undefined for the made-up city. */
  data: string | undefined
  /** Where servers, keys and log-ins of this city are kept. */
  dataDir: string
  lan: boolean
  /** City seconds per real second. */
  speed: number
  /** How many units the simulator drives at most; 0 for none. */
  units: number
  /** Undefined: 8080, or the next free one. */
  port: number | undefined
  /** Throws away what the data folder held. */
  fresh: boolean
}

/** Reads the command line; prints help or what is wrong with it, and ends the process then. */
export function readOptions(argv: readonly string[], root: string): DemoOptions {
  // npm runs us in the repository; a path means the folder in which it was typed.
  const typedIn = process.env['INIT_CWD'] ?? process.cwd()
  const command = new Command('npm run demo --')
    .description(
      'Starts the demonstration city: services, data, server and simulated patrols. Ctrl-C stops it all.',
    )
    .option('--data <folder>', 'run the city on real input from this folder (once; it is remembered)')
    .option(
      '--data-dir <folder>',
      'where servers, keys and log-ins of the city are kept',
      `${root}/.data/demo`,
    )
    .option('--lan', 'serve phones on the local network too, over HTTPS', false)
    .option(
      '--speed <factor>',
      'how much faster than the real one the city’s clock runs',
      numberFrom(1, 60),
      1,
    )
    .option('--units <count>', 'units the simulator drives at most, 0 for none', numberFrom(0, 5_000), 5_000)
    .option('--port <port>', 'default: 8080, or the next free one', numberFrom(1, 65_535))
    .option('--fresh', 'throw away the city of last time', false)
    .showHelpAfterError()
    .parse(argv, { from: 'user' })
  const given = command.opts<Omit<DemoOptions, 'port' | 'data'> & { port?: number; data?: string }>()
  return {
    ...given,
    port: given.port,
    data: given.data === undefined ? undefined : resolve(typedIn, given.data),
    dataDir: resolve(typedIn, given.dataDir),
  }
}

function numberFrom(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`)
    }
    return value
  }
}
