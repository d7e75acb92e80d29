/** Alerts that climbed the ladder to this officer's phone. Only urgent ones do. */
const zh = {
  'notices.title': '警示通知',
  'notices.new': '警示未確認',
  'notices.at': '{time} 通知您',
  'notices.nobody': '尚無人確認',
  'notices.owner': '{name} 已確認',
  'notices.over': '已結束',
  'notices.seen': '知道了',
  'notices.kind.sos': '◆ 員警求救',
  'notices.kind.replayed-tag': '◆ 感應遭重複使用',
  'notices.kind.harvested-tag': '◆ 感應順序異常',
  'notices.kind.urgent-call-silent-unit': '◆ 緊急報案旁單位失聯',
  'notices.kind.flood-sos': '◆ 多起求救',
  'notices.kind.other': '◆ 緊急警示',
} as const

const en: Record<keyof typeof zh, string> = {
  'notices.title': 'Alerts',
  'notices.new': 'Alert not acknowledged',
  'notices.at': 'told you at {time}',
  'notices.nobody': 'nobody has acknowledged it',
  'notices.owner': 'acknowledged by {name}',
  'notices.over': 'over',
  'notices.seen': 'Understood',
  'notices.kind.sos': '◆ Officer needs help',
  'notices.kind.replayed-tag': '◆ Replayed tap',
  'notices.kind.harvested-tag': '◆ Taps out of order',
  'notices.kind.urgent-call-silent-unit': '◆ Urgent call beside a silent unit',
  'notices.kind.flood-sos': '◆ Several calls for help',
  'notices.kind.other': '◆ Urgent alert',
}

export const notices = { zh, en }
