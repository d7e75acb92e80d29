// Over 300 lines if one line were one station: facts, kept together so that they can be checked against the source.
// Source: the public list of precincts and stations of the Tainan City Police Department (臺南市政府警察局).
// Names and districts are facts of that list; positions are not in it, see place-stations.ts.

export interface StationFact {
  name: string
  nameEn: string
  /** The district it stands in. */
  district: string
}

export interface PrecinctFact {
  code: string
  name: string
  nameEn: string
  districts: readonly string[]
  stations: readonly StationFact[]
}

export const departmentFact = {
  code: 'D00',
  name: '臺南市政府警察局',
  nameEn: 'Tainan City Police Department',
}

/** `stem English` pairs of one district; a stem that ends in `*` is a substation (分駐所). */
function stationsOf(district: string, list: string): StationFact[] {
  return list.split(', ').map((entry) => {
    const [stem = '', ...english] = entry.split(' ')
    const substation = stem.endsWith('*')
    return {
      name: substation ? `${stem.slice(0, -1)}分駐所` : `${stem}派出所`,
      nameEn: `${english.join(' ')} ${substation ? 'Substation' : 'Police Station'}`,
      district,
    }
  })
}

function precinct(code: string, name: string, nameEn: string, lists: Record<string, string>): PrecinctFact {
  return {
    code,
    name: `${name}分局`,
    nameEn: `${nameEn} Precinct`,
    districts: Object.keys(lists),
    stations: Object.entries(lists).flatMap(([district, list]) => stationsOf(district, list)),
  }
}

export const precinctFacts: readonly PrecinctFact[] = [
  precinct('P01', '第一', 'First', {
    東區: '東寧 Dongning, 府東 Fudong, 後甲 Houjia, 莊敬 Zhuangjing, 文化 Wenhua, 東門 Dongmen, 德高 Degao',
  }),
  precinct('P02', '第二', 'Second', {
    中西區: '長樂 Changle, 南門 Nanmen, 海安 Hai’an, 民權 Minquan, 中正 Zhongzheng, 博愛 Bo’ai',
  }),
  precinct('P03', '第三', 'Third', {
    安南區:
      '安中 Anzhong, 安佃 Andian, 顯宮 Xiangong, 土城 Tucheng, 海南 Hainan, 長安 Chang’an, 和順 Heshun, 安順 Anshun, 安南 Annan',
  }),
  precinct('P04', '第四', 'Fourth', { 安平區: '安平 Anping, 育平 Yuping, 華平 Huaping' }),
  precinct('P05', '第五', 'Fifth', {
    北區: '和緯 Hewei, 實踐 Shijian, 立人 Liren, 公園 Gongyuan, 開元 Kaiyuan, 北門 Beimen',
  }),
  precinct('P06', '第六', 'Sixth', {
    南區: '金華 Jinhua, 大林 Dalin, 鹽埕 Yancheng, 新興 Xinxing, 灣裡 Wanli, 喜樹 Xishu, 鯤鯓 Kunshen',
  }),
  precinct('P07', '永康', 'Yongkang', {
    永康區: '永康 Yongkang, 鹽行 Yanxing, 大灣 Dawan, 復興 Fuxing, 龍潭 Longtan, 大橋 Daqiao, 永信 Yongxin',
  }),
  precinct('P08', '歸仁', 'Guiren', {
    歸仁區: '歸仁 Guiren, 歸南 Guinan, 媽廟 Mamiao, 大潭 Datan',
    仁德區: '仁德* Rende, 太廟 Taimiao, 德南 Denan, 文賢 Wenxian',
    關廟區: '關廟* Guanmiao, 南雄 Nanxiong',
    龍崎區: '龍崎* Longqi, 龍船 Longchuan',
  }),
  precinct('P09', '新化', 'Xinhua', {
    新化區: '新化 Xinhua, 唪口 Fengkou, 知義 Zhiyi, 那拔 Naba',
    山上區: '山上* Shanshang',
    左鎮區: '左鎮* Zuozhen, 岡林 Ganglin',
  }),
  precinct('P10', '善化', 'Shanhua', {
    善化區: '善化 Shanhua, 茄拔 Jiaba, 東昌 Dongchang, 溪美 Ximei',
    新市區: '新市* Xinshi, 潭頂 Tanding',
    安定區: '安定* Anding, 蘇厝 Sucuo, 港口 Gangkou, 海寮 Hailiao',
    大內區: '大內* Danei, 頭社 Toushe, 二溪 Erxi',
  }),
  precinct('P11', '麻豆', 'Madou', {
    麻豆區: '麻豆 Madou, 安業 Anye, 埤頭 Pitou, 總爺 Zongye',
    下營區: '下營* Xiaying, 茅港 Maogang',
    六甲區: '六甲* Liujia, 鳳林 Fenglin, 大丘 Daqiu',
    官田區: '官田* Guantian, 官鎮 Guanzhen, 拔林 Balin, 湖山 Hushan',
  }),
  precinct('P12', '佳里', 'Jiali', {
    佳里區: '佳里 Jiali, 子龍 Zilong, 佳興 Jiaxing, 延平 Yanping, 塭內 Wennei',
    七股區: '七股* Qigu, 竹橋 Zhuqiao, 三股 Sangu, 中鹽 Zhongyan, 後港 Hougang',
    西港區: '西港* Xigang, 後營 Houying',
  }),
  precinct('P13', '學甲', 'Xuejia', {
    學甲區: '學甲 Xuejia, 中浯 Zhongwu, 宅港 Zhaigang, 頂洲 Dingzhou',
    北門區: '北門* Beimen, 蚵寮 Keliao',
    將軍區: '將軍* Jiangjun, 將富 Jiangfu, 青鯤鯓 Qingkunshen',
  }),
  precinct('P14', '新營', 'Xinying', {
    新營區: '民治 Minzhi, 中山路 Zhongshan Road, 後鎮 Houzhen, 太宮 Taigong',
    鹽水區: '鹽水* Yanshui, 華雅 Huaya, 竹埔 Zhupu',
    柳營區: '柳營* Liuying, 重溪 Chongxi, 果毅 Guoyi',
  }),
  precinct('P15', '白河', 'Baihe', {
    白河區: '白河 Baihe, 內角 Neijiao, 竹門 Zhumen, 玉豐 Yufeng, 河東 Hedong, 仙草 Xiancao, 關嶺 Guanling',
    東山區: '東山* Dongshan, 東河 Donghe, 東原 Dongyuan',
    後壁區: '後壁* Houbi, 安溪 Anxi, 菁寮 Jingliao, 長安 Chang’an',
  }),
  precinct('P16', '玉井', 'Yujing', {
    玉井區: '玉井 Yujing, 望明 Wangming',
    南化區: '南化* Nanhua, 玉山 Yushan, 北寮 Beiliao',
    楠西區: '楠西* Nanxi, 鹿田 Lutian',
  }),
]
