import Type from 'typebox'
import { countAllCells } from '../hotspot/count-cells.ts'
import { refreshStudyArea } from '../hotspot/study-area.ts'
import { defineJob } from './heavy-job.ts'

/** Lists the cells of the study area and counts all incidents in them anew. */
export const hotspotRebuild = defineJob({
  input: Type.Object({}),
  access: ['administrator'],
  async run({ db, report }) {
    report(0.05, 'study-area')
    const studyCells = await refreshStudyArea(db)
    report(0.3, 'counting')
    const { cells } = await countAllCells(db)
    return { studyCells, cells }
  },
})
