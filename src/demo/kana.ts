const HALF_WIDTH = new Map<string, string>();
for (let code = 0xff66; code <= 0xff9d; code += 1) {
  const half = String.fromCharCode(code);
  HALF_WIDTH.set(half.normalize('NFKC'), half);
}
HALF_WIDTH.set('\u3099', 'ﾞ').set('\u309a', 'ﾟ');

/** ヤマダ → ﾔﾏﾀﾞ, as old systems export it. */
export function halfWidthKana(katakana: string): string {
  return [...katakana.normalize('NFD')].map((kana) => HALF_WIDTH.get(kana) ?? kana).join('');
}

/** ヤマダ → やまだ. */
export function hiragana(katakana: string): string {
  return katakana.replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}
