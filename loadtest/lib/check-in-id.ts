/**
 * UUIDv7 of the `number`-th check-in of a run: the number stands in its last eight digits, so that whoever sees the id
 * knows which one it is without being told. Plain code, for k6 too.
 *
 * @param run 16 bits that tell runs apart
 */
export function checkInId(number: number, run: number, at: number): string {
  const time = hex(at, 12)
  const random = () => hex(Math.floor(Math.random() * 0x1000), 3)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random()}-8${random()}-${hex(run, 4)}${hex(number, 8)}`
}

/** The number in an id of ours; -1 for an id of another run. */
export function numberOfCheckIn(id: string, run: number): number {
  return id.slice(24, 28) === hex(run, 4) ? parseInt(id.slice(28), 16) : -1
}

const hex = (value: number, width: number) => value.toString(16).padStart(width, '0')
