import type { Touched } from '../live/apply-event.ts'
import type { City } from '../live/city.ts'
import type { Painter } from '../live/live.svelte.ts'
import { fontFamily } from '../tokens.ts'

/**
 * The web font comes in parts, by character, and a browser asks for a part when it is drawn first: until then a canvas shows a
 * box in its place, and keeps it. So the parts are asked for as soon as a name is known, and the map is drawn once they are there.
 */
export function createNameGlyphs(redraw: () => void): Painter {
  const names = new Set<string>()
  const characters = new Set<string>()

  async function load(fresh: readonly string[]): Promise<void> {
    // All weights are in one file.
    try {
      await document.fonts.load(`16px ${fontFamily}`, fresh.join(''))
      redraw()
    } catch (error) {
      console.warn('names are drawn in another font', error)
    }
  }

  function add(found: Iterable<string>): void {
    const fresh: string[] = []
    for (const name of found) {
      // Units are touched many times a second: what is known costs one look.
      if (names.has(name)) continue
      names.add(name)
      for (const character of name) {
        if (characters.has(character)) continue
        characters.add(character)
        fresh.push(character)
      }
    }
    if (fresh.length > 0) void load(fresh)
  }

  return {
    open(city: City): void {
      add([
        ...[...city.precincts.values()].map(({ name }) => name),
        ...[...city.units.values()].map(({ callSign }) => callSign),
        ...namesOfCalls(city),
      ])
    },
    paint(city: City, touched: Touched): void {
      add([...touched.units].flatMap((id) => city.units.get(id)?.callSign ?? []))
      if (touched.dispatch) add(namesOfCalls(city))
    },
  }
}

const namesOfCalls = (city: City): string[] => [
  ...[...city.incidents.values()].map(({ category }) => category),
  ...[...city.assignments.values()].map(({ title }) => title),
]
