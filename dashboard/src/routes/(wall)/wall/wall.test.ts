import type { Alert } from '@patrol/contract'
import { describe, expect, test } from 'vitest'
import { drawSparkline } from '../../../lib/ui/sparkline.ts'
import { findScene, findView, readPlaylist } from './playlist.ts'
import { fillRows } from './rows.ts'
import { modelAlert } from '../../../lib/live/model-alert.ts'
import { readWallType, sizeWallType } from './wall-type.ts'

const alert = (id: number, priority: number, state: Alert['state']) => modelAlert({ id, priority, state })

describe('type sizes', () => {
  test('of a 75-inch wall at 5 m are those of the design', () => {
    expect(sizeWallType(75, 5)).toEqual({ text: 37, title: 41, urgent: 56, digits: 96 })
  })

  test('grow with the distance, and absurd values are not believed', () => {
    expect(readWallType(new URLSearchParams('diag=75&dist=10')).text).toBe(74)
    expect(readWallType(new URLSearchParams('diag=-1&dist=x')).text).toBe(37)
  })
})

describe('alert rows', () => {
  test('a P1 that nobody has acknowledged takes two of them', () => {
    const list = [alert(1, 1, 'unack'), ...[2, 3, 4, 5, 6, 7].map((id) => alert(id, 2, 'unack'))]
    expect(fillRows(list, 6).map((row) => row.isDouble)).toEqual([true, false, false, false, false])
    expect(fillRows([alert(1, 1, 'ack'), ...list.slice(1)], 6)).toHaveLength(6)
  })
})

describe('the playlist', () => {
  test('names views, and how long each is shown', () => {
    expect(readPlaylist(new URLSearchParams('views=city, Yongkang&every=30'))).toEqual({
      views: ['city', 'yongkang'],
      everySeconds: 30,
    })
    expect(readPlaylist(new URLSearchParams(''))).toEqual({ views: ['city'], everySeconds: 60 })
  })

  test('finds a precinct by code, name or English name', () => {
    const precincts = [{ id: 7, code: 'YK', name: '永康分局', nameEn: 'Yongkang Precinct' }]
    for (const view of ['yk', '7', '永康分局', 'yongkang']) expect(findView(view, precincts)?.id).toBe(7)
    expect(findView('nowhere', precincts)).toBeNull()
    const scene = { kind: 'view' as const, view: 'city' }
    const scenes = ['花園夜市', '永康分局'].map((name) => ({ name, scene }))
    expect(findScene('花園夜市', precincts, scenes)).toBe(scene)
    // A precinct keeps its name, whatever somebody calls a scene.
    expect(findScene('永康分局', precincts, scenes)).toBeNull()
  })
})

test('a sparkline is open where hours are missing', () => {
  const { lines, band } = drawSparkline({
    values: [0, 10, null, 5, 5],
    usualLow: [0, 0, 0, 0, 0],
    usualHigh: [10, 10, 10, 10, 10],
    lastWeek: null,
  })
  expect(lines).toEqual(['0,96 25,4', '75,50 100,50'])
  expect(band).toHaveLength(1)
})
