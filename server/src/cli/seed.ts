import type { Command } from 'commander'
import { openCityFile, saveCityFile } from './demo/city-file.ts'
import { fillCity } from './demo/fill-city.ts'
import { defaultDataDir, resolvePath, withDatabase } from './with-database.ts'

export function addSeed(program: Command): void {
  program
    .command('seed')
    .description('fill the database with the demonstration city; what is there stays')
    .option('--data-dir <folder>', 'where keys and log-ins of the city are kept', defaultDataDir)
    .option('--no-points', 'without the made-up points: staff the points that were imported')
    .action(async (flags: { dataDir: string; points: boolean }) => {
      const dataDir = resolvePath(flags.dataDir)
      const { city } = openCityFile(dataDir, false)
      await withDatabase({ dataDir }, (db) =>
        fillCity(db, { city, syntheticPoints: flags.points, log: (line) => console.error(line) }),
      )
      saveCityFile(dataDir, city)
      console.error(`Keys and log-ins are in ${dataDir}/city.json.`)
    })
}
