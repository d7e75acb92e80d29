/** The console's frame: navigation, command palette. */
const zh = {
  navigation: '頁面',
  pages: {
    overview: '總覽',
    dispatch: '派遣',
    roster: '勤務',
    messages: '訊息',
    playback: '回放',
    planner: '路線',
  },
  strip: {
    region: '近 4 小時',
    alerts: '警示',
    dispatch: '派遣',
    checkIns: '簽到',
    step: (clock: string, alerts: number, incidents: number, orders: number, checkIns: number) =>
      `${clock}：警示 ${alerts}，報案 ${incidents}，派遣 ${orders}，簽到 ${checkIns}。開啟回放`,
  },
  filters: { saved: '常用篩選', save: '儲存篩選', remove: '刪除', name: '篩選名稱', kept: '僅存於此瀏覽器' },
  zoom: { larger: '畫面放大', smaller: '畫面縮小', byScreen: '畫面大小：依螢幕' },
  palette: {
    open: '指令（Ctrl+K）',
    title: '指令',
    search: '輸入頁面或動作',
    none: '沒有符合的指令',
    hint: '↑↓ 選擇，Enter 執行，Esc 關閉；G 之後按一鍵可直接換頁',
    go: (page: string) => `前往：${page}`,
  },
}

const en: typeof zh = {
  navigation: 'Pages',
  pages: {
    overview: 'Overview',
    dispatch: 'Dispatch',
    roster: 'Roster',
    messages: 'Messages',
    playback: 'Playback',
    planner: 'Routes',
  },
  strip: {
    region: 'Last 4 hours',
    alerts: 'Alerts',
    dispatch: 'Dispatch',
    checkIns: 'Check-ins',
    step: (clock, alerts, incidents, orders, checkIns) =>
      `${clock}: ${alerts} alerts, ${incidents} incidents, ${orders} orders, ${checkIns} check-ins. Opens the playback`,
  },
  filters: {
    saved: 'Saved filters',
    save: 'Save filter',
    remove: 'Remove',
    name: 'Name',
    kept: 'Kept in this browser only',
  },
  zoom: { larger: 'Draw larger', smaller: 'Draw smaller', byScreen: 'Draw by the size of the screen' },
  palette: {
    open: 'Commands (Ctrl+K)',
    title: 'Commands',
    search: 'Page or act',
    none: 'No such command',
    hint: '↑↓ choose, Enter runs, Esc closes; G and a key goes to a page at once',
    go: (page) => `Go to: ${page}`,
  },
}

export const shell = { zh, en }
