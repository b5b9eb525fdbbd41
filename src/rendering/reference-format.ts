/** Nine characters as they are printed and read aloud: `XXXX-XXXX-C`. */
export function formatReference(reference: string): string {
  return [reference.slice(0, 4), reference.slice(4, 8), reference.slice(8)].filter((part) => part !== '').join('-');
}
