/**
 * Characters of Japanese names that people and systems write for one another: first the one they are folded to, then
 * its variants. For finding candidates only: 髙橋 and 高橋 may be two families, so nothing is ever merged by this.
 * Compatibility characters (﨑 is none, 神 U+FA19 is one) are folded by NFKC before. No variant is a target itself.
 * Sources: 常用漢字表 (内閣告示 2010) with its 康熙字典体; 人名用漢字別表第二 (戸籍法施行規則); for the variants of
 * family names, 誤字俗字・正字一覧表 (法務省民事局長通達 平成2年 第5200号, 平成16年 第2842号).
 */
export const nameVariants: readonly string[] = (
  '高髙 崎﨑嵜碕 吉𠮷 辺邊邉 斉斎齋齊 浜濱濵 桑桒 徳德 恵惠 真眞 広廣 沢澤 国國囯 竜龍 島嶋嶌 桜櫻 瀬瀨 渕淵渊 関關 館舘 富冨 峰峯 柳栁 梅楳 蔵藏 条條 滝瀧 湾灣 ' +
  '豊豐 麻蔴 万萬 巌巖 与與 亜亞 為爲 栄榮 衛衞 園薗 応應 奥奧 桧檜 学學斈 岳嶽 楽樂 寛寬 気氣 亀龜 帰歸 暁曉 尭堯 区區 勲勳 薫薰 径徑 渓溪 芸藝 県縣 検檢 ' +
  '権權 顕顯 厳嚴 験驗 黄黃 鉱鑛 号號 黒黑 剤劑 雑雜 参參 桟棧 蚕蠶 残殘 賛贊 糸絲 児兒 実實 寿壽 収收 従從 渋澁 獣獸 縦縱 粛肅 処處 緒緖 叙敍 将將 渉涉 焼燒 ' +
  '奨奬 証證 乗乘 浄淨 剰剩 畳疊 縄繩 壌壤 嬢孃 譲讓 穣穰 触觸 嘱囑 寝寢 慎愼 尽盡 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 静靜 摂攝 窃竊 専專 戦戰 浅淺 践踐 繊纖 ' +
  '禅禪 双雙 壮壯 荘莊庄 捜搜 挿插 巣巢 曽曾 装裝 総總 騒騷 増增 臓臟 堕墮 体體躰 対對 帯帶 滞滯 台臺 択擇 担擔 単單 団團 弾彈 遅遲 昼晝 虫蟲 鋳鑄 庁廳 聴聽 ' +
  '鎮鎭 転轉 点點 伝傳 当當 党黨 盗盜 灯燈 稲稻 闘鬪 独獨 読讀 届屆 弐貳 悩惱 脳腦 覇霸 拝拜 売賣 麦麥 発發 抜拔 蛮蠻 秘祕 仏佛 並竝 変變 弁辯瓣辨 歩步 宝寶寳 ' +
  '褒襃 槙槇 毎每 満滿 黙默 弥彌 薬藥 訳譯 予豫 余餘 様樣 謡謠 来來 頼賴 覧覽 涼凉 緑綠 塁壘 礼禮 励勵 霊靈 齢齡 暦曆 歴歷 恋戀 錬鍊 炉爐 労勞 楼樓 郎郞 録錄 ' +
  '湊凑 晋晉 鉄鐵 鎌鐮 鴎鷗 壺壷 凛凜 遥遙 瑶瑤 橋槗𣘺 芦蘆 蘇蘓 薮藪 蛍螢 釜竈釡 隠隱 鰺鯵 鶯鴬 鶴隺靎靏 麹麴 麺麵 栃枥杤 桝枡 野埜 彦彥 悦悅 戸戶 昂昻 晃晄 ' +
  '杉杦 村邨 松枩柗 柿柹 柏栢 温溫 煕熙凞 爾尓 猪豬 皐皋 研硏 秋穐 窪漥 絵繪 継繼 縁緣 聡聰 船舩 萌萠 陥陷 険險 青靑 頴穎 駅驛 須湏 土圡 刈苅 恒恆 凡凢 亘亙 ' +
  '清淸 禄祿 経經 軽輕 郷鄕 釈釋 銭錢 隣鄰 雁鴈 飲飮 髪髮 兎兔 剣劍劔釼 即卽 塩鹽 壱壹 奇竒 姫姬 宮宫 尚尙 峡峽 曳曵 横橫 狭狹 産產 砺礪 禰祢 窓窻 耕畊 舎舍 ' +
  '艶艷 茎莖 蒋蔣 蓑簑 虎乕 蛎蠣 覚覺 賎賤 顔顏 頚頸 騨驒 鬱欝 駆驅駈 鼓皷 諌諫 喜㐂 昇曻 留畄 祇祗 裏裡 遊游 頬頰 鋭銳 閲閱 珍珎 翠翆 '
)
  .trim()
  .split(' ');

/** Kana that join the parts of a name, which one list has in one spelling and another in another: 井ノ上, 井之上. */
export const joinVariants: readonly string[] = ['ノの之', 'ケヶ', 'カヵ'];
