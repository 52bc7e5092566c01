// Random near misses of valid instructions, to see that what GNU as refuses is refused here too.

/** Small deterministic generator (xorshift32), so that a failure can be run again. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const registers = (
  'x0 x1 x30 w0 w1 w30 sp wsp xzr wzr v0.8b v1.16b v2.4h v3.8h v4.2s v5.4s v6.2d v7.1d b1 h2 s3 d4 q5 v1.s[1] ' +
  'v2.d[1] v3.h[7] v3.b[15] v16.h[1] lr eq al #1 #0 v31.16b v0.4b[1]'
).split(' ');
const numbers = (
  '0 1 2 3 4 7 8 12 15 16 31 32 33 48 63 64 65 127 128 255 256 257 -1 -2 -8 -16 -256 -257 4095 4096 0x1000000 65535 ' +
  '65536 0xffffffffffffffff 1.0 0.5 0xff00ff00 32760 32768 -512 504 512 1008 1024 -1024 90 180 270'
).split(' ');
const tails =
  'lsl_#0 lsl_#1 lsl_#3 lsl_#8 lsl_#12 lsl_#16 lsr_#1 asr_#3 ror_#4 uxtb uxtw uxtw_#2 sxtw sxtx uxtx_#3 msl_#8 #0 #1 x1 w1'
    .split(' ')
    .map((tail) => tail.replace('_', ' '));
const offsets = 'x2 w2 x2,lsl#3 w2,uxtw w2,sxtw#2 x2,sxtx x2,lsl#0 xzr sp x2,lsl#4 w2,uxtw#0'.split(' ');
const arrangements = '8b 16b 4h 8h 2s 4s 2d 1d b h s d'.split(' ');

/** One text derived from `text`; not necessarily an invalid one. */
export function mutate(text: string, random: (below: number) => number): string {
  const space = text.indexOf(' ');
  const mnemonic = space < 0 ? text : text.slice(0, space);
  const body = space < 0 ? '' : text.slice(space + 1);
  const operands = splitOperands(body);
  const pick = (list: readonly string[]): string => list[random(list.length)] ?? '';
  const put = (parts: readonly string[]): string => `${mnemonic} ${parts.join(', ')}`.trim();
  const replaceOne = (pattern: RegExp, by: string): string => {
    const found = [...body.matchAll(pattern)];
    const hit = found[random(Math.max(1, found.length))];
    return hit === undefined
      ? text
      : `${mnemonic} ${body.slice(0, hit.index)}${by}${body.slice(hit.index + hit[0].length)}`;
  };
  const at = random(Math.max(1, operands.length));
  switch (random(10)) {
    case 0:
    case 1:
    case 2:
      return replaceOne(/(?<![\w.])-?(?:0x[0-9a-f]+|\d+)(?![\w.])/g, pick(numbers));
    case 3:
    case 4:
      return replaceOne(/(?<![\w.])(?:[xwbhsdqv]\d+(?:\.\w+)?(?:\[\d+\])?|w?sp|[xw]zr)(?![\w.])/g, pick(registers));
    case 5:
      return put(operands.filter((_, i) => i !== at));
    case 6:
      return put([...operands.slice(0, at), operands[at] ?? '', ...operands.slice(at)]);
    case 7:
      return put([...operands, pick(tails)]);
    case 8:
      if (!body.includes('[')) return put([...operands].reverse());
      return replaceOne(
        /\[(\w+).*$/g,
        `[x3, ${random(2) === 0 ? pick(offsets) : `#${pick(numbers)}`}]${pick(['', '!'])}`,
      );
    default:
      return replaceOne(/(?<=\.)(?:8b|16b|4h|8h|2s|4s|2d|1d|b|h|s|d)\b/g, pick(arrangements));
  }
}

function splitOperands(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= body.length; i++) {
    const character = body.charAt(i);
    if ('[{('.includes(character) && character !== '') depth++;
    if (']})'.includes(character) && character !== '') depth--;
    if (i === body.length || (character === ',' && depth === 0)) {
      const part = body.slice(start, i).trim();
      if (part !== '') parts.push(part);
      start = i + 1;
    }
  }
  return parts;
}
