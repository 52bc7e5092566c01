import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const assembler = 'aarch64-linux-gnu-as';
const objdump = 'aarch64-linux-gnu-objdump';

/** Why the cross assembler cannot be used, or null. */
export function missingAssembler(): string | null {
  const absent = [assembler, objdump].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  return absent.length === 0 ? null : `${absent.join(', ')} not found (Debian: apt install binutils-aarch64-linux-gnu)`;
}

/** Extensions that this assembler knows, of those the tables have instructions of. */
function architecture(): string {
  const wanted = (
    'crc lse rdma rng sb ssbs predres memtag sm4 sha3 sha2 aes fp16 fp16fml profile ras rcpc dotprod bf16 i8mm flagm ' +
    'pauth ls64 mops hbc cssc sme sme-f64 sme-i64 tme compnum fp simd pan lor'
  ).split(' ');
  const knows = (extensions: readonly string[]): boolean => {
    const march = ['armv9.3-a', ...extensions].join('+');
    return spawnSync(assembler, [`-march=${march}`, '-o', '/dev/null', '-'], { input: 'nop\n' }).status === 0;
  };
  return ['armv9.3-a', ...wanted.filter((extension) => knows([extension]))].join('+');
}

export interface Assembled {
  /** Eight hexadecimal digits, or null where the assembler refuses the line. */
  readonly word: string | null;
  /** `R_AARCH64_... symbol+addend` or ''. */
  readonly relocation: string;
}

export interface GnuAssembler {
  /** What `as` makes of each line, which must be one instruction; lines do not see each other's labels. */
  assemble(lines: readonly string[]): readonly Assembled[];
  /** objdump's text of each word; branch targets become bytes from the instruction. Undefined words are left out. */
  disassemble(words: readonly number[]): readonly string[];
  dispose(): void;
}

export function openGnuAssembler(): GnuAssembler {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-isa-'));
  const march = architecture();
  const source = join(directory, 'a.s');
  const object = join(directory, 'a.o');
  const dump = (...args: readonly string[]): readonly string[] =>
    execFileSync(objdump, args, { encoding: 'utf8', maxBuffer: 1 << 29 }).split('\n');

  return {
    assemble(lines) {
      let kept = lines.map((_, i) => i);
      for (;;) {
        writeFileSync(source, `${kept.map((i) => lines[i]).join('\n')}\n`);
        const options = { encoding: 'utf8', maxBuffer: 1 << 29 } as const;
        const run = spawnSync(assembler, [`-march=${march}`, '-o', object, source], options);
        const bad = new Set([...run.stderr.matchAll(/a\.s:(\d+): Error/g)].map((match) => kept[Number(match[1]) - 1]));
        if (bad.size === 0) break;
        kept = kept.filter((i) => !bad.has(i));
      }
      const result = lines.map((): Assembled => ({ word: null, relocation: '' }));
      let at = -1;
      for (const line of dump('-drz', object)) {
        const word = /^\s*[0-9a-f]+:\t([0-9a-f]{8})/.exec(line)?.[1];
        const relocation = /^\s*[0-9a-f]+: (R_\S+\s+\S+)/.exec(line)?.[1];
        if (word !== undefined) result[kept[++at] ?? -1] = { word, relocation: '' };
        const index = kept[at] ?? -1;
        const known = result[index];
        if (relocation !== undefined && known !== undefined) result[index] = { ...known, relocation };
      }
      return result;
    },

    disassemble(words) {
      const binary = join(directory, 'w.bin');
      const bytes = new DataView(new ArrayBuffer(words.length * 4));
      words.forEach((word, i) => {
        bytes.setUint32(i * 4, word, true);
      });
      writeFileSync(binary, bytes);
      const texts = new Set<string>();
      // Far from 0 and from the end of the address space, so that no target wraps.
      for (const line of dump('-Dz', '-b', 'binary', '-m', 'aarch64', '--adjust-vma=0x100000000', binary)) {
        const match = /^\s*([0-9a-f]+):\t[0-9a-f]{8} ?\t([^.].*)$/.exec(line);
        if (match === null) continue;
        const text = (match[2] ?? '').replace(/\s*(\/\/|; undefined).*/, '').replace('\t', ' ');
        if (text.startsWith('adrp')) continue;
        const isBranch = /^(b|bl|cbn?z|tbn?z|adr|bc?\.\w+|ldr|ldrsw|prfm) /.test(text) && !text.includes('[');
        const target = isBranch ? /0x([0-9a-f]+)$/.exec(text) : null;
        const delta = BigInt(`0x${target?.[1] ?? '0'}`) - BigInt(`0x${match[1] ?? '0'}`);
        texts.add(target === null ? text : text.slice(0, target.index) + delta);
      }
      return [...texts];
    },

    dispose() {
      rmSync(directory, { recursive: true });
    },
  };
}
