import { hexWord } from '../hexWord.ts';

// Loads and stores; see integer.ts for the notation. A single access starts from its unscaled word (bits 29:27 111,
// bit 24 clear); the address slot adds the bits of the addressing mode. Source: Arm DDI 0487, C4.1.94.

interface Access {
  readonly name: string;
  readonly reg: string;
  readonly word: number;
  readonly log2: number;
}

const accesses: readonly Access[] = [
  { name: 'strb', reg: 'Wt', word: 0x38000000, log2: 0 },
  { name: 'ldrb', reg: 'Wt', word: 0x38400000, log2: 0 },
  { name: 'ldrsb', reg: 'Xt', word: 0x38800000, log2: 0 },
  { name: 'ldrsb', reg: 'Wt', word: 0x38c00000, log2: 0 },
  { name: 'strh', reg: 'Wt', word: 0x78000000, log2: 1 },
  { name: 'ldrh', reg: 'Wt', word: 0x78400000, log2: 1 },
  { name: 'ldrsh', reg: 'Xt', word: 0x78800000, log2: 1 },
  { name: 'ldrsh', reg: 'Wt', word: 0x78c00000, log2: 1 },
  { name: 'str', reg: 'Wt', word: 0xb8000000, log2: 2 },
  { name: 'ldr', reg: 'Wt', word: 0xb8400000, log2: 2 },
  { name: 'ldrsw', reg: 'Xt', word: 0xb8800000, log2: 2 },
  { name: 'str', reg: 'Xt', word: 0xf8000000, log2: 3 },
  { name: 'ldr', reg: 'Xt', word: 0xf8400000, log2: 3 },
];

const vectorAccesses: readonly Access[] = [...'bhsdq'].flatMap((bank, log2) => {
  const word = log2 === 4 ? 0x3c800000 : 0x3c000000 + log2 * 0x40000000;
  const reg = `F${bank}t`;
  return [
    { name: 'str', reg, word, log2 },
    { name: 'ldr', reg, word: word + 0x00400000, log2 },
  ];
});

const single = [...accesses, ...vectorAccesses]
  .map(({ name, reg, word, log2 }) => {
    const unscaled = name.replace(/^(ld|st)r/, '$1ur');
    return `${name} ${hexWord(word)} ${reg} mem${log2}\n${unscaled} ${hexWord(word)} ${reg} memu\n`;
  })
  .join('');

const unprivileged = accesses
  .map(({ name, reg, word }) => `${name.replace(/^(ld|st)r/, '$1tr')} ${hexWord(word + 0x800)} ${reg} memu\n`)
  .join('');

/** FEAT_LRCPC2: ldapur and stlur share the size and opc fields of the plain accesses. */
const ordered = accesses
  .map(({ name, reg, word }) => {
    const ordered = name.startsWith('ld') ? name.replace('ldr', 'ldapur') : name.replace('str', 'stlur');
    return `${ordered} ${hexWord(word - 0x38000000 + 0x19000000)} ${reg} memu\n`;
  })
  .join('');

const literals = `
ldr   18000000 Wt label19l
ldr   58000000 Xt label19l
ldrsw 98000000 Xt label19l
prfm  d8000000 prfop label19l
ldr   1c000000 Fst label19l
ldr   5c000000 Fdt label19l
ldr   9c000000 Fqt label19l
ldr   18000000 Wt pool4
ldr   58000000 Xt pool8
prfm  f8800000 prfop memprf
prfum f8800000 prfop memu
`;

const pairs = `
stp   28000000 Wt Wu pair4
ldp   28400000 Wt Wu pair4
stp   a8000000 Xt Xu pair8
ldp   a8400000 Xt Xu pair8
ldpsw 68400000 Xt Xu pair4
stp   2c000000 Fst Fsu pair4
ldp   2c400000 Fst Fsu pair4
stp   6c000000 Fdt Fdu pair8
ldp   6c400000 Fdt Fdu pair8
stp   ac000000 Fqt Fqu pair16
ldp   ac400000 Fqt Fqu pair16
stnp  28000000 Wt Wu npair4
ldnp  28400000 Wt Wu npair4
stnp  a8000000 Xt Xu npair8
ldnp  a8400000 Xt Xu npair8
stnp  2c000000 Fst Fsu npair4
ldnp  2c400000 Fst Fsu npair4
stnp  6c000000 Fdt Fdu npair8
ldnp  6c400000 Fdt Fdu npair8
stnp  ac000000 Fqt Fqu npair16
ldnp  ac400000 Fqt Fqu npair16
stgp  68000000 Xt Xu pair16
`;

const special = `
ldraa f8200400 Xt memauth
ldrab f8a00400 Xt memauth
stg   d9200000 XSt memtag
stzg  d9600000 XSt memtag
st2g  d9a00000 XSt memtag
stz2g d9e00000 XSt memtag
ldg   d9600000 Xt memtagoff
stzgm d9200000 Xt membase
stgm  d9a00000 Xt membase
ldgm  d9e00000 Xt membase
ld64b f83fd000 Xt8 membase
st64b f83f9000 Xt8 membase
st64bv  f820b000 Xs Xt8 membase
st64bv0 f820a000 Xs Xt8 membase
`;

export const memoryForms = single + unprivileged + ordered + literals + pairs + special;
