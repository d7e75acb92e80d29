const zh = {
  'nfc.ask': '開啟感應',
  'nfc.reading': '靠近標籤即自動簽到',
  'nfc.denied': '未允許 NFC，請用掃描',
  'nfc.off': '手機 NFC 未開啟',
  'nfc.foreign': '這不是巡邏點的標籤',
  'nfc.unreadable': '標籤讀取失敗，請再靠近一次',
  'confirm.tap': '讀取感應標籤，自動簽到中…',
} as const

const en: Record<keyof typeof zh, string> = {
  'nfc.ask': 'Turn tapping on',
  'nfc.reading': 'Tap a tag: it checks in by itself',
  'nfc.denied': 'NFC is not allowed: please scan',
  'nfc.off': "The phone's NFC is off",
  'nfc.foreign': 'This is not the tag of a patrol point',
  'nfc.unreadable': 'The tag could not be read: tap again',
  'confirm.tap': 'Tag read, checking in…',
}

export const nfc = { zh, en }
