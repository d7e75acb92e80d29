/** What the administrator sets up at the console: joint defences, keys of other systems. */
const zh = {
  page: '管理',
  joint: {
    title: '區域聯防',
    about: '聯防期間，各分局值日官互見勤務並可互派單位；其他決定仍歸各分局。',
    name: '名稱',
    precincts: '參與分局（至少二個）',
    begin: '開始聯防',
    end: '結束',
    confirmEnd: '確認結束',
    since: (at: string) => `自 ${at}`,
    none: '目前沒有聯防',
  },
  keys: {
    title: '戰情中心金鑰',
    about: '供市府其他系統讀取統計數字；不含人員、番號與精確位置。金鑰只顯示一次，請立即交付保存。',
    name: '使用單位',
    perMinute: '每分鐘次數上限',
    create: '建立金鑰',
    revoke: '撤銷',
    confirmRevoke: '確認撤銷',
    none: '尚無金鑰',
    made: (name: string) => `「${name}」的金鑰，離開後不再顯示：`,
    hide: '已保存，隱藏',
    createdBy: (name: string, at: string) => `${name} 建立於 ${at}`,
    shell: '命令列',
    lastUsed: (at: string) => `最近使用 ${at}`,
    neverUsed: '未使用過',
    revoked: (at: string) => `${at} 撤銷`,
    limit: (n: number) => `每分鐘 ${n} 次`,
  },
}

const en: typeof zh = {
  page: 'Admin',
  joint: {
    title: 'Joint defence',
    about:
      "As long as it lasts, duty officers of its precincts see each other's duty and send each other's units. All else stays with each.",
    name: 'Name',
    precincts: 'Precincts (two or more)',
    begin: 'Begin',
    end: 'End',
    confirmEnd: 'End it now',
    since: (at) => `since ${at}`,
    none: 'No joint defence',
  },
  keys: {
    title: 'Situation-room keys',
    about:
      'Another city system reads figures with it: no officer, no call sign, no exact place. A key is shown once; hand it over at once.',
    name: 'Who uses it',
    perMinute: 'Requests a minute',
    create: 'Make a key',
    revoke: 'Revoke',
    confirmRevoke: 'Revoke now',
    none: 'No keys yet',
    made: (name) => `The key of "${name}", not shown again:`,
    hide: 'Kept, hide it',
    createdBy: (name, at) => `made by ${name}, ${at}`,
    shell: 'command line',
    lastUsed: (at) => `last used ${at}`,
    neverUsed: 'never used',
    revoked: (at) => `revoked ${at}`,
    limit: (n) => `${n} a minute`,
  },
}

export const admin = { zh, en }
