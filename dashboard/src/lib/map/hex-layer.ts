import { cellToBoundary } from 'h3-js'
import Feature from 'ol/Feature.js'
import Polygon from 'ol/geom/Polygon.js'
import VectorImageLayer from 'ol/layer/VectorImage.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import { colorOf } from './heat-classes.ts'

/** How one cell is drawn now. */
export interface CellLook {
  cell: string
  /** 0–6; 0 is transparent, yet may be hatched. −1 to −3: fewer than before. */
  heat: number
  hatched: boolean
}

/**
 * H3 cells on the map. Features stay; another hour only changes their styles.
 * @param imageRatio how much larger than the map its picture is
 */
export function createHexLayer(imageRatio = 1.5) {
  const source = new VectorSource<Feature<Polygon>>()
  const looks = new Map<string, CellLook>()
  const styles = new Map<string, Style>()
  let selected: string | null = null
  // Thousands of cells that hardly ever change: drawn once into a picture, which is moved about while the map is.
  const layer = new VectorImageLayer({
    source,
    imageRatio,
    style: (feature) => {
      const id = String(feature.getId())
      const look = looks.get(id)
      return look === undefined ? undefined : styleOf(look, id === selected)
    },
  })

  function styleOf({ heat: level, hatched }: CellLook, isSelected: boolean): Style {
    const key = `${level}${hatched}${isSelected}`
    const known = styles.get(key)
    if (known) return known
    const color = level === 0 ? null : `${colorOf(level)}b8`
    const style = new Style({
      ...(color === null && !hatched
        ? {}
        : { fill: new Fill({ color: hatched ? hatch(color, level) : (color ?? '') }) }),
      stroke: new Stroke(
        isSelected
          ? { color: '#f0f2f4', width: 3 }
          : { color: '#16181b66', width: level === 0 && !hatched ? 0 : 0.7 },
      ),
      zIndex: isSelected ? 2 : 1,
    })
    styles.set(key, style)
    return style
  }

  return {
    layer,
    source,
    show(cells: readonly CellLook[]): void {
      looks.clear()
      for (const look of cells) looks.set(look.cell, look)
      const gone = source.getFeatures().filter((feature) => !looks.has(String(feature.getId())))
      source.removeFeatures(gone)
      const added = cells.filter(({ cell }) => !source.getFeatureById(cell))
      source.addFeatures(
        added.map(({ cell }) => {
          const feature = new Feature(
            new Polygon([cellToBoundary(cell, true).map((corner) => fromLonLat(corner))]),
          )
          feature.setId(cell)
          return feature
        }),
      )
      layer.changed()
    },
    select(cell: string | null): void {
      selected = cell
      layer.changed()
    },
  }
}

/** Slanted lines over the colour: significance must be seen without colour too. */
function hatch(color: string | null, level: number): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 8
  const pen = tile.getContext('2d')
  if (!pen) return color ?? 'transparent'
  if (color !== null) {
    pen.fillStyle = color
    pen.fillRect(0, 0, 8, 8)
  }
  // Dark lines on the light end of the scale, light ones on the dark end.
  pen.strokeStyle = level >= 4 ? '#16181bcc' : '#f0f2f4aa'
  pen.lineWidth = 1.4
  pen.beginPath()
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8)
    pen.lineTo(shift + 8, 0)
  }
  pen.stroke()
  return pen.createPattern(tile, 'repeat') ?? color ?? 'transparent'
}
