// Over 300 lines: a table of what each tracker sends, case by case.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTrackerRequest } from './detect.ts'
import type { TrackerPosition, TrackerRequest } from './tracker-message.ts'

const RECEIVED_AT = new Date('2026-11-22T14:00:00Z')

function requestTo(url: string, parts: Partial<TrackerRequest> = {}): TrackerRequest {
  const [path = '/', query = ''] = url.split('?')
  return {
    method: parts.body === undefined ? 'GET' : 'POST',
    path,
    query: new URLSearchParams(query),
    headers: {},
    body: '',
    receivedAt: RECEIVED_AT,
    ...parts,
  }
}

const postForm = (body: string, url = '/trackers') =>
  requestTo(url, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })

const postJson = (json: unknown, url = '/trackers', parts: Partial<TrackerRequest> = {}) =>
  requestTo(url, { body: JSON.stringify(json), headers: { 'content-type': 'application/json' }, ...parts })

/** The positions of a request that must be accepted. */
function readPositions(request: TrackerRequest): TrackerPosition[] {
  const result = parseTrackerRequest(request)
  if (result.status !== 200) throw new Error(`refused: ${result.problem}`)
  return result.positions
}

function readOne(request: TrackerRequest): TrackerPosition {
  const [position, ...others] = readPositions(request)
  if (!position || others.length > 0) throw new Error('not exactly one position')
  return position
}

describe('OsmAnd and Traccar Client in query or form', () => {
  const url = '/trackers?id=m-7&lat=22.9905&lon=120.2041&timestamp=1795356000&speed=20&bearing=90&batt=61'

  it('reads the query, speed in knots', () => {
    expect(readOne(requestTo(url))).toMatchObject({
      deviceId: 'm-7',
      lat: 22.9905,
      lon: 120.2041,
      valid: true,
      recordedAt: new Date('2026-11-22T14:00:00Z'),
      speedMps: expect.closeTo(10.2889, 3),
      headingDegrees: 90,
      batteryPercent: 61,
      accuracyMeters: null,
      altitudeMeters: null,
      charging: null,
      mock: null,
      alarm: null,
    })
  })

  it('reads the same from a form body, and from a pairing id in the query with the rest in the body', () => {
    const fromQuery = readOne(requestTo(url))
    expect(readOne(postForm(url.slice('/trackers?'.length)))).toEqual(fromQuery)
    expect(readOne(postForm(url.slice('/trackers?id=m-7&'.length), '/trackers?id=m-7'))).toEqual(fromQuery)
  })

  it('knows the aliases', () => {
    expect(readOne(requestTo('/trackers?deviceid=m-7&location=22.9,120.2&heading=180'))).toMatchObject({
      deviceId: 'm-7',
      lat: 22.9,
      lon: 120.2,
      headingDegrees: 180,
      recordedAt: RECEIVED_AT,
    })
  })

  it('takes a message without coordinates for a keep-alive', () => {
    const position = readOne(postForm('id=m-7&timestamp=1795356000&batt=55.5&charge=true'))
    expect(position).toMatchObject({
      lat: null,
      lon: null,
      valid: null,
      batteryPercent: 55.5,
      charging: true,
    })
  })

  it('keeps an invalid fix, a simulated one and a cry for help as what they are', () => {
    const position = readOne(postForm('id=m-7&lat=22.9&lon=120.2&valid=false&mock=1&alarm=sos'))
    expect(position).toMatchObject({ valid: false, mock: true, alarm: 'sos' })
  })

  it('keeps radio cells, access points and other parameters, but no push token', () => {
    const position = readOne(
      requestTo(
        '/trackers?id=m-7&cell=466,92,7,1201&cell=466,92,7,1202,-88&wifi=00-14-22-01-23-45,-61' +
          '&hdop=1.5&ignition=true&note=a+b&notificationToken=secret',
      ),
    )
    expect(position.cellTowers).toEqual([
      { mcc: 466, mnc: 92, lac: 7, cellId: 1201, signalDbm: null },
      { mcc: 466, mnc: 92, lac: 7, cellId: 1202, signalDbm: -88 },
    ])
    expect(position.wifiAccessPoints).toEqual([{ macAddress: '00:14:22:01:23:45', signalDbm: -61 }])
    expect(position.attributes).toEqual({ hdop: 1.5, ignition: true, note: 'a b' })
  })

  it('refuses a message without a device, unless the door knows it', () => {
    expect(parseTrackerRequest(requestTo('/trackers?lat=22.9&lon=120.2'))).toMatchObject({ status: 400 })
    expect(parseTrackerRequest(requestTo('/trackers'))).toMatchObject({ status: 400 })
    const known = requestTo('/trackers?lat=22.9&lon=120.2', { knownDeviceId: 'paired' })
    expect(readOne(known)).toMatchObject({ deviceId: 'paired' })
  })

  it('refuses coordinates and times that are none', () => {
    for (const wrong of ['lat=x&lon=120', 'lat=95&lon=120', 'lat=22&lon=120&timestamp=soon']) {
      expect(parseTrackerRequest(requestTo(`/trackers?id=m-7&${wrong}`))).toMatchObject({ status: 400 })
    }
  })
})

describe('Traccar Client 9.x', () => {
  const location = {
    timestamp: '2026-11-22T13:59:58.125Z',
    coords: { latitude: 22.99, longitude: 120.2, accuracy: 4.5, speed: 8, heading: 270, altitude: 18 },
    is_moving: true,
    event: 'motionchange',
    battery: { level: 0.29, is_charging: false },
    activity: { type: 'in_vehicle' },
    odometer: 1200.5,
    uuid: 'a-1',
    extras: { shift: 'late', nested: { dropped: true } },
  }

  it('reads one report, metres per second and a battery of 0–1', () => {
    expect(readOne(postJson({ location, device_id: 'm-7' }))).toEqual({
      deviceId: 'm-7',
      recordedAt: new Date('2026-11-22T13:59:58.125Z'),
      lat: 22.99,
      lon: 120.2,
      valid: true,
      accuracyMeters: 4.5,
      altitudeMeters: 18,
      speedMps: 8,
      headingDegrees: 270,
      batteryPercent: 29,
      charging: false,
      moving: true,
      mock: null,
      alarm: null,
      event: 'motionchange',
      activity: 'in_vehicle',
      odometerMeters: 1200.5,
      messageId: 'a-1',
      cellTowers: [],
      wifiAccessPoints: [],
      attributes: { shift: 'late' },
    })
  })

  it('turns every −1 into unknown', () => {
    const coords = { latitude: 22.99, longitude: 120.2, accuracy: -1, speed: -1, heading: -1, altitude: 0 }
    const position = readOne(
      postJson({ location: { ...location, coords, battery: { level: -1 } }, device_id: 7 }),
    )
    expect(position).toMatchObject({
      deviceId: '7',
      accuracyMeters: null,
      speedMps: null,
      headingDegrees: null,
      batteryPercent: null,
      charging: null,
      altitudeMeters: 0,
    })
  })

  it('reads a batch in order, once per uuid, and leaves out only what cannot be read', () => {
    const second = { ...location, uuid: 'a-2', timestamp: '2026-11-22T14:00:08Z' }
    const batch = [location, { ...location, timestamp: 'soon', uuid: 'a-3' }, second, location]
    const result = parseTrackerRequest(postJson({ location: batch, device_id: 'm-7' }))
    expect(result.status === 200 && result.positions.map(({ messageId }) => messageId)).toEqual([
      'a-1',
      'a-2',
    ])
    expect(result).toMatchObject({ problems: ['timestamp is not a time'] })
  })

  it('takes a report without coords for a keep-alive', () => {
    const { coords: _, ...heartbeat } = location
    expect(readOne(postJson({ location: heartbeat, device_id: 'm-7' }))).toMatchObject({
      lat: null,
      lon: null,
      altitudeMeters: null,
      batteryPercent: 29,
    })
  })

  it('takes the alarm of the report before that of its extras', () => {
    const alarmOf = (parts: object) =>
      readOne(postJson({ location: { ...location, ...parts }, device_id: 'm-7' })).alarm
    expect(alarmOf({ alarm: 'sos', extras: { alarm: 'other' } })).toBe('sos')
    expect(alarmOf({ extras: { alarm: 'sos' } })).toBe('sos')
  })

  it('refuses a message without device, time or report', () => {
    for (const json of [{ location }, { device_id: 'm-7' }, { location: {}, device_id: 'm-7' }]) {
      expect(parseTrackerRequest(postJson(json))).toMatchObject({ status: 400, protocol: 'traccar-json' })
    }
  })
})

describe('OwnTracks', () => {
  const message = { _type: 'location', lat: 22.99, lon: 120.2, tst: 1795356000, vel: 36, cog: 45, tid: 'p1' }
  const accepted = { status: 200, protocol: 'owntracks', reply: '[]' }

  it('reads a location at either address, velocity in km/h', () => {
    const position = readOne(postJson({ ...message, acc: 9, alt: 14, batt: 71, bs: 2, t: 'u' }, '/pub'))
    expect(position).toMatchObject({
      deviceId: 'p1',
      speedMps: 10,
      headingDegrees: 45,
      accuracyMeters: 9,
      altitudeMeters: 14,
      batteryPercent: 71,
      charging: true,
      event: 'u',
    })
    expect(readOne(postJson(message, '/trackers'))).toMatchObject({ deviceId: 'p1', batteryPercent: null })
  })

  it('knows charging, unplugged and unknown', () => {
    const charging = [0, 1, 2, 3, 9].map((bs) => readOne(postJson({ ...message, bs }, '/pub')).charging)
    expect(charging).toEqual([null, false, true, true, null])
  })

  it('names the device by topic, then headers, then query, then the door, then tid', () => {
    const headers = { 'content-type': 'application/json', 'x-limit-u': 'hu', 'x-limit-d': 'hd' }
    const url = '/pub?u=qu&d=qd'
    const nameOf = (request: TrackerRequest) => readOne(request).deviceId
    const topic = 'owntracks/tu/td'
    expect(nameOf(postJson({ ...message, topic }, url, { headers }))).toBe(topic)
    expect(nameOf(postJson(message, url, { headers }))).toBe('owntracks/hu/hd')
    expect(nameOf(postJson(message, url))).toBe('owntracks/qu/qd')
    expect(nameOf(postJson(message, '/pub', { knownDeviceId: 'paired' }))).toBe('paired')
    expect(nameOf(postJson(message, '/pub?u=only'))).toBe('p1')
  })

  it('answers [] to everything well-formed that is no location', () => {
    const types = ['lwt', 'waypoint', 'transition', 'encrypted', 'card', 'made-up']
    for (const _type of types) {
      expect(parseTrackerRequest(postJson({ ...message, _type }))).toMatchObject({
        ...accepted,
        positions: [],
      })
    }
    for (const json of [{}, [], null, 7, 'text']) {
      expect(parseTrackerRequest(postJson(json, '/pub'))).toMatchObject({ ...accepted, positions: [] })
    }
    for (const empty of [requestTo('/pub', { body: '' }), requestTo('/trackers?u=a&d=b', { body: ' ' })]) {
      expect(parseTrackerRequest(empty)).toMatchObject({ ...accepted, positions: [] })
    }
  })

  it('reads the locations of a list and passes over the rest', () => {
    const list = [message, { _type: 'lwt', tst: 1 }, { ...message, tst: 1795356010 }]
    expect(readPositions(postJson(list, '/pub')).map((p) => p.recordedAt.getTime())).toEqual([
      1795356000000, 1795356010000,
    ])
  })

  it('refuses what is not JSON, and a location without time, place or device', () => {
    expect(parseTrackerRequest(requestTo('/pub', { body: '{"_type":' }))).toMatchObject({ status: 400 })
    for (const missing of ['tst', 'lat', 'tid'] as const) {
      const json = { ...message, [missing]: undefined }
      expect(parseTrackerRequest(postJson(json, '/pub'))).toMatchObject({
        status: 400,
        protocol: 'owntracks',
      })
    }
  })
})

describe('OpenGTS', () => {
  const rmc = (sentence: string) =>
    requestTo(`/trackers?id=m-7&alt=12.5&batt=40&code=0xF020&gprmc=${sentence}`)

  it('reads the sentence, speed in knots and minutes of arc', () => {
    const position = readOne(rmc('$GPRMC,135958.50,A,2259.430,N,12012.246,E,10.0,271.5,221126,,,A*00'))
    expect(position).toMatchObject({
      deviceId: 'm-7',
      recordedAt: new Date('2026-11-22T13:59:58.500Z'),
      lat: expect.closeTo(22.9905, 9),
      lon: expect.closeTo(120.2041, 9),
      valid: true,
      speedMps: expect.closeTo(5.1444, 3),
      headingDegrees: 271.5,
      altitudeMeters: 12.5,
      batteryPercent: 40,
      attributes: { code: '0xF020' },
    })
  })

  it('counts south and west below zero, and leaves an empty course unknown', () => {
    const position = readOne(rmc('$GNRMC,135958,A,0630.0,S,07015.0,W,0.0,,221126,,'))
    expect(position).toMatchObject({ lat: -6.5, lon: -70.25, speedMps: 0, headingDegrees: null })
  })

  it('keeps a void fix as invalid, and one without coordinates as a keep-alive', () => {
    const fix = readOne(rmc('$GPRMC,135958,V,2259.430,N,12012.246,E,,,221126,,'))
    expect(fix).toMatchObject({ valid: false, lat: expect.closeTo(22.9905, 9), speedMps: null })
    expect(readOne(rmc('$GPRMC,135958,V,,,,,,,221126,,'))).toMatchObject({
      lat: null,
      lon: null,
      valid: null,
    })
  })

  it.each([
    '$GPGGA,135958,2259.430,N,12012.246,E,1,8,1,12,M,,,,',
    '$GPRMC,135958,A,2259.430,X,12012.246,E,0.0,,221126,,',
    '$GPRMC,135958,A,22.99,N,120.2,E,0.0,,,,',
    '$GPRMC,995958,A,2259.430,N,12012.246,E,0.0,,221126,,',
    '',
  ])('refuses %s', (sentence) => {
    expect(parseTrackerRequest(rmc(sentence))).toMatchObject({ status: 400, protocol: 'opengts' })
  })
})

describe('any request', () => {
  it('gets an answer, and never a place that was not sent', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('id', 'lat', 'lon', 'gprmc', '-1', '1', '_type'))
    const json = fc.oneof(
      fc.json(),
      fc
        .record({ _type: fc.constantFrom('location', 'lwt'), tst: fc.anything(), lat: fc.anything() })
        .map((made) =>
          String(JSON.stringify(made, (_, value) => (typeof value === 'bigint' ? null : value))),
        ),
      fc.record({ location: fc.jsonValue(), device_id: fc.jsonValue() }).map((made) => JSON.stringify(made)),
    )
    const made = fc.record({
      path: fc.constantFrom('/trackers', '/pub', '/'),
      query: fc.array(fc.tuple(word, word)),
      body: fc.oneof(fc.string(), json),
      type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain'),
    })
    fc.assert(
      fc.property(made, ({ path, query, body, type }) => {
        const request = requestTo(path, { body, query: new URLSearchParams(query) })
        const result = parseTrackerRequest({ ...request, headers: { 'content-type': type } })
        if (result.status === 400) return
        for (const position of result.positions) {
          expect(position.lat === null).toBe(position.lon === null)
          expect(Number.isNaN(position.recordedAt.getTime())).toBe(false)
          expect(position.deviceId).not.toBe('')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is read in linear time and without deep calls, however it is nested', () => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(parseTrackerRequest(requestTo('/pub', { body }))).toMatchObject({ status: 200, positions: [] })
  })
})
