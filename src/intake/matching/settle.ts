/** Folds again until nothing changes: taking characters out can bring others together that have a fold of their own. */
export function settle(text: string, fold: (text: string) => string): string {
  let folded = fold(text);
  for (let before = text; folded !== before; ) {
    before = folded;
    folded = fold(before);
  }
  return folded;
}
