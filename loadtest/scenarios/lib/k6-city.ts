/** What the scenarios are told: an address, and the cookies and codes of a made-up city. */
export interface K6City {
  origin: string
  units: K6Unit[]
  /** Cookies of screens that see the whole city. */
  walls: string[]
  /** Cookies of screens of one precinct. */
  consoles: string[]
}

export interface K6Unit {
  cookie: string
  points: { code: string; lon: number; lat: number }[]
}
