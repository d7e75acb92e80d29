import { basename } from 'node:path'
import { getResolution, isValidCell, latLngToCell } from 'h3-js'
import { CaseInputError, listCaseFiles, readCaseText, type CaseResult } from './cases.ts'

/** Lines of `cell latitude longitude`: the cell of the point, at that cell's resolution, must be that cell. */
export function* runH3Cases(path: string): Generator<CaseResult> {
  for (const file of listCaseFiles(path, '.txt')) {
    for (const line of readCaseText(file).split('\n')) {
      if (line.trim() === '') continue
      const [cell = '', lat, lon] = line.trim().split(/\s+/)
      if (!isValidCell(cell) || !isFinite(Number(lat)) || !isFinite(Number(lon))) {
        throw new CaseInputError(`${basename(file)}: "${line.trim()}" is not "cell latitude longitude"`)
      }
      // Longitudes of the files may pass 180; h3 takes any turn.
      const got = latLngToCell(Number(lat), Number(lon), getResolution(cell))
      yield { id: `${basename(file, '.txt')}:${cell}`, got: { cell: got }, pass: got === cell.toLowerCase() }
    }
  }
}
