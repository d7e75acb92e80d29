import type { AssignmentState, Unit, UnitPosition } from '@patrol/contract'
import { containsXY } from 'ol/extent.js'
import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import type { City } from '../live/city.ts'
import { judgePosition, type PositionAge } from '../live/freshness.ts'
import { fontFamily, tokens } from '../tokens.ts'
import { createSpriteLayer } from './sprite-layer.ts'
import { drawUnit } from './unit-symbol.ts'

interface Drawn {
  unit: Unit
  position: UnitPosition
  /** In map coordinates. */
  x: number
  y: number
  age: PositionAge
  /** Whole minutes, told beside a hollow symbol. */
  minutes: number
  isAlerted: boolean
  /** Of the order that it holds: written beside it, however far away the map is. */
  order: AssignmentState | null
}

export interface UnitLayerOptions {
  scale(): number
  textPx(): number
  readClock(): number
  writeMinutesOld(minutes: number): string
  writeOrder(state: AssignmentState): string
}

/** Call signs are written from this resolution on (about zoom 13), and always for a unit with an alert. */
const labelUntil = 22

/** Units on duty. A feature per unit is kept and moved; symbols are shared between units that look alike. */
export function createUnitLayer(options: UnitLayerOptions) {
  const source = new VectorSource<Feature<Point>>()
  /** Has the symbols drawn again; they are no features. */
  const symbols = new VectorSource()
  const drawn = new Map<number, Drawn>()
  /** Names that look alike share a style: of the whole city a few dozen are enough, near by one for each label. */
  const styles = new Map<string, Style>()

  // At city scale hundreds of units share the screen: small, and without a tick.
  const radiusAt = (resolution: number) => (resolution < labelUntil ? 11 : 5.5) * options.scale()

  /** Symbols and names apart: only names give way to each other. */
  const createTwin = () => ({
    symbols: createSpriteLayer(symbols, (put, extent, resolution) => {
      const radius = radiusAt(resolution)
      const isNear = resolution < labelUntil
      for (const alerted of [false, true]) {
        for (const { unit, position, x, y, age, isAlerted } of drawn.values()) {
          if (isAlerted !== alerted || !containsXY(extent, x, y)) continue
          put(x, y, drawUnit(unit.mode, age, isNear ? position.headingDegrees : null, radius))
        }
      }
    }),
    names: new VectorLayer({
      source,
      declutter: 'units',
      style: (feature, resolution) => {
        const one = drawn.get(Number(feature.getId()))
        return one ? nameOf(one, resolution) : undefined
      },
    }),
  })

  function nameOf({ unit, age, minutes, isAlerted, order }: Drawn, resolution: number): Style | undefined {
    const isLoud = isAlerted || order !== null
    if (resolution >= labelUntil && !isLoud) return undefined
    const text = [
      unit.callSign,
      ...(order ? [options.writeOrder(order)] : []),
      ...(age === 'solid' ? [] : [options.writeMinutesOld(minutes)]),
    ].join(' ')
    const radius = radiusAt(resolution)
    return keep(
      `${text}|${isLoud}|${radius}|${options.textPx()}`,
      () => new Style({ text: writeLabel(text, isLoud, radius), zIndex: isAlerted ? 2 : 1 }),
    )
  }

  function keep(key: string, make: () => Style): Style {
    const known = styles.get(key)
    if (known) return known
    const made = make()
    if (styles.size > 5_000) styles.clear()
    styles.set(key, made)
    return made
  }

  function writeLabel(text: string, isLoud: boolean, radius: number): Text {
    return new Text({
      text,
      font: `${isLoud ? 700 : 400} ${options.textPx()}px ${fontFamily}`,
      textAlign: 'left',
      offsetX: radius * 1.6,
      fill: new Fill({ color: isLoud ? tokens.strong : tokens.text }),
      stroke: new Stroke({ color: tokens.bg, width: 4 }),
    })
  }

  function put(city: City, id: number, alerted: ReadonlySet<string>): void {
    const unit = city.units.get(id)
    const position = city.positions.get(id)
    const feature = source.getFeatureById(id)
    if (!unit || !position) {
      drawn.delete(id)
      if (feature) source.removeFeature(feature)
      return
    }
    const ageMs = options.readClock() - Date.parse(position.recordedAt)
    const age = judgePosition(ageMs)
    const minutes = Math.floor(ageMs / 60_000)
    const [x = 0, y = 0] = fromLonLat([position.lon, position.lat])
    drawn.set(id, {
      unit,
      position,
      x,
      y,
      age,
      minutes,
      isAlerted: alerted.has(unit.callSign),
      order: orderOf(city, id),
    })
    if (feature) {
      // Tells the layer, whether or not it has moved.
      feature.getGeometry()?.setCoordinates([x, y])
      return
    }
    const added = new Feature(new Point([x, y]))
    added.setId(id)
    source.addFeature(added)
  }

  return {
    ...createTwin(),
    /** Other layers of the same units, for a second map. */
    createTwin,
    open(city: City, alerted: ReadonlySet<string>): void {
      for (const id of drawn.keys()) if (!city.units.has(id)) put(city, id, alerted)
      for (const id of city.units.keys()) put(city, id, alerted)
      symbols.changed()
    },
    paint(city: City, ids: ReadonlySet<number>, alerted: ReadonlySet<string>): void {
      for (const id of ids) put(city, id, alerted)
      if (ids.size > 0) symbols.changed()
    },
    /** Positions grow old without any message: draws again those that look different now. */
    grow(city: City, alerted: ReadonlySet<string>): void {
      const now = options.readClock()
      for (const [id, one] of drawn) {
        const ageMs = now - Date.parse(one.position.recordedAt)
        const age = judgePosition(ageMs)
        const isOlder = age !== 'solid' && Math.floor(ageMs / 60_000) !== one.minutes
        if (age !== one.age || isOlder || alerted.has(one.unit.callSign) !== one.isAlerted)
          put(city, id, alerted)
      }
      symbols.changed()
    },
    restyle(): void {
      symbols.changed()
      source.changed()
    },
  }
}

function orderOf(city: City, unitId: number): AssignmentState | null {
  for (const { unitId: holder, state } of city.assignments.values())
    if (holder === unitId && state !== 'refused') return state
  return null
}
