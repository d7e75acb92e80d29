const zh = {
  'push.title': '通知',
  'push.on': '開啟通知',
  'push.off': '關閉通知',
  'push.is-on': '有新命令、訊息、警示或緊急求援時，手機會提醒；內容登入後才看得到',
  'push.is-off': '手機鎖定時不會收到提醒',
  'push.blocked': '瀏覽器已封鎖通知，請到網站設定允許',
  'push.unable': '此瀏覽器不支援通知；iPhone 請先加入主畫面',
  'push.failed': '無法開啟通知，請稍後再試',
} as const

const en: Record<keyof typeof zh, string> = {
  'push.title': 'Notifications',
  'push.on': 'Turn notifications on',
  'push.off': 'Turn notifications off',
  'push.is-on':
    'Your phone tells you of new orders, messages, alerts and calls for help; what they say shows after log-in',
  'push.is-off': 'Nothing reaches you while the phone is locked',
  'push.blocked': 'The browser blocks notifications: allow them in its site settings',
  'push.unable': 'This browser has no notifications; on an iPhone add the app to the home screen first',
  'push.failed': 'Notifications could not be turned on. Please try later.',
}

export const push = { zh, en }
