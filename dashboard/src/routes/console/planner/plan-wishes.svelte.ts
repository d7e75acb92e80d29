export type NamedPoint = { id: number; name: string }

/** What the next plan must keep to: points that are visited whatever they are worth, and pairs never one after the other. */
export class PlanWishes {
  fixed = $state<NamedPoint[]>([])
  forbidden = $state<[NamedPoint, NamedPoint][]>([])

  forget(): void {
    this.fixed = []
    this.forbidden = []
  }

  toggleFixed({ id, name }: NamedPoint): void {
    const others = this.fixed.filter((each) => each.id !== id)
    this.fixed = others.length < this.fixed.length ? others : [...others, { id, name }]
  }

  /** Never one directly after the other, either way; asked again, they may. */
  toggleForbidden(a: NamedPoint, b: NamedPoint): void {
    const others = this.forbidden.filter((pair) => !joins(pair, a.id, b.id))
    this.forbidden =
      others.length < this.forbidden.length
        ? others
        : [
            ...others,
            [
              { id: a.id, name: a.name },
              { id: b.id, name: b.name },
            ],
          ]
  }

  isForbidden(a: number, b: number): boolean {
    return this.forbidden.some((pair) => joins(pair, a, b))
  }
}

const joins = ([a, b]: [NamedPoint, NamedPoint], x: number, y: number) =>
  (a.id === x && b.id === y) || (a.id === y && b.id === x)
