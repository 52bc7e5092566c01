/** An A64 word as output shows it: eight lower-case hexadecimal digits. */
export function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
