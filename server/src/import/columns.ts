import { toHalfWidth } from './values.ts'

/**
 * Our name of a column, and the headers under which files bring it. Compared without case, spaces, hyphens and
 * underscores, in half width.
 */
export const columnAliases = {
  id: ['id', 'code', 'caseid', '編號', '代碼', '案件編號', '點位編號'],
  name: ['name', '名稱', '姓名', '地點', '站名', '點名', 'villname', 'townname'],
  lng: [
    'lng',
    'lon',
    'long',
    'longitude',
    'x',
    '經度',
    'wgs84x',
    'twd97x',
    'x坐標',
    'x座標',
    '坐標x',
    '座標x',
  ],
  lat: ['lat', 'latitude', 'y', '緯度', 'wgs84y', 'twd97y', 'y坐標', 'y座標', '坐標y', '座標y'],
  category: ['category', '類別', '種類', '分類'],
  priority: ['priority', '等級', '優先', '優先順序'],
  skills: ['skills', '專長', '所需專長'],
  radius: ['radius', 'radiusmeters', 'radiusm', '半徑'],
  address: ['address', '地址', '住址', '發生地點', 'place'],
  district: ['district', '行政區', '區', '鄉鎮市區', '區別'],
  village: ['village', '里', '里別', '村里', '村里別'],
  precinct: ['precinct', '分局', '轄區分局', '轄管分局'],
  station: ['station', '派出所', '轄區派出所'],
  kind: ['kind'],
  date: ['date', '日期', '發生日期'],
  time: ['time', '時間', '發生時間', 'occurredat', 'datetime', '時刻'],
  type: ['type', '案類', '類型', '案件類型'],
  subtype: ['subtype', '細類', '子類型', 'atype', '事故類型及型態'],
  geocodeFlag: ['geocodeflag'],
  accidentClass: ['cls', '事故類別'],
  wayId: ['wayid', 'osmid'],
  fromNode: ['from', 'fromnode', 'u'],
  toNode: ['to', 'tonode', 'v'],
  meters: ['lenm', 'length', 'lengthm', 'meters'],
  oneway: ['oneway', '單行'],
  highway: ['highway', 'roadclass', 'class'],
  maxspeed: ['maxspeed', '速限'],
  routeId: ['routeid', 'route', '路線', '路線編號'],
  turn: ['turn', 'sequence', 'seq', '順序', '站序'],
  stopId: ['stopid', '站點編號'],
  days: ['days', 'weekdays', '星期', '勤務日', '收運日'],
  townCode: ['towncode', '鄉鎮市區代碼'],
  villageCode: ['villcode', '村里代碼'],
  phone: ['phone', 'tel', '電話', '聯絡電話', '手機'],
  note: ['note', '備註', '事由', '記事'],
  beat: ['beat', 'beatcode', '警勤區', '警勤區代碼'],
  nameEn: ['nameen', 'villeng', 'towneng', '英文名稱'],
} as const satisfies Record<string, readonly string[]>

export type Column = keyof typeof columnAliases

const columnOf = new Map<string, Column>(
  Object.entries(columnAliases).flatMap(([column, aliases]) =>
    isColumn(column) ? aliases.map((alias): [string, Column] => [alias, column]) : [],
  ),
)

/** Our column of a header; null for one that we do not use. */
export function findColumn(header: string): Column | null {
  return (
    columnOf.get(
      toHalfWidth(header)
        .toLowerCase()
        .replace(/[\s_:-]/g, ''),
    ) ?? null
  )
}

function isColumn(name: string): name is Column {
  return Object.hasOwn(columnAliases, name)
}
