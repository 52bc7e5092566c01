/** Classes of bytes. Those that names are made of come first. */
export const letter = 1;
export const digit = 2;
export const blank = 3;
export const lineEnd = 4;
export const high = 5;
export const slash = 6;
export const quote = 7;
export const apostrophe = 8;
export const hash = 9;
export const backslash = 10;
export const punctuation = 11;

/** Class of each byte. */
export const classes = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(256).fill(punctuation);
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(byte);
    if (byte >= 0x80) table[byte] = high;
    else if (/[A-Za-z_]/.test(character)) table[byte] = letter;
    else if (/[0-9]/.test(character)) table[byte] = digit;
    else if (/[\s\0]/.test(character)) table[byte] = blank;
  }
  const special: readonly (readonly [string, number])[] = [
    ['\n', lineEnd],
    ['/', slash],
    ['"', quote],
    ["'", apostrophe],
    ['#', hash],
    ['\\', backslash],
  ];
  for (const [character, code] of special) table[character.charCodeAt(0)] = code;
  return table;
}

export const newline = 10;
export const code = (character: string): number => character.charCodeAt(0);
