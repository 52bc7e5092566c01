import type { NameTable } from './nameTable.ts';

/** Words with a meaning of their own: these are not indexed as uses. Their order is part of the stored form. */
const typeWords = [
  'void',
  'char',
  'short',
  'int',
  'long',
  'float',
  'double',
  'signed',
  'unsigned',
  '_Bool',
  '__int128',
] as const;
const tagWords = ['struct', 'union', 'enum'] as const;
const storageWords = [
  'static',
  'extern',
  'inline',
  '__inline',
  '__inline__',
  '__always_inline',
  'const',
  'volatile',
  'register',
  'restrict',
  '_Noreturn',
  '__extension__',
] as const;
const otherWords = [
  'typedef',
  'if',
  'else',
  'for',
  'while',
  'do',
  'switch',
  'case',
  'default',
  'break',
  'continue',
  'return',
  'goto',
  'sizeof',
  'defined',
] as const;
/** Words before a parenthesis that is part of no declarator: GNU C and the kernel's names for its attributes. */
const attributeWords = [
  '__attribute__',
  '__attribute',
  'asm',
  '__asm__',
  '__asm',
  'typeof',
  '__typeof__',
  '__typeof',
  '__typeof_unqual__',
  '_Alignas',
  '_Static_assert',
  '__aligned',
  '__section',
  '__printf',
  '__scanf',
  '__acquires',
  '__releases',
  '__must_hold',
  '__cond_acquires',
  '__alloc_size',
  '__realloc_size',
  '__assume_aligned',
  '__copy',
  '__alias',
  '__no_sanitize',
  '__counted_by',
  '__nonnull',
  '__target',
  '__visibility',
  '__pass_object_size',
  '__diagnose_as',
  '__guarded_by',
] as const;

const all = [...typeWords, ...tagWords, ...storageWords, ...otherWords, ...attributeWords] as const;

/** A changed list makes indexes that were stored with another one useless. */
export const languageWordsStamp = all.join(' ');

const numberOf = (word: (typeof all)[number]): number => all.indexOf(word);

/** Numbers of the words in every table: the first ones. */
export const words = {
  typeEnd: typeWords.length,
  struct: numberOf('struct'),
  enum: numberOf('enum'),
  tagEnd: typeWords.length + tagWords.length,
  static: numberOf('static'),
  extern: numberOf('extern'),
  inline: numberOf('inline'),
  inlineEnd: numberOf('__always_inline') + 1,
  storageEnd: typeWords.length + tagWords.length + storageWords.length,
  typedef: numberOf('typedef'),
  typeof: numberOf('__typeof__'),
  /** From here on words are indexed although they have a meaning. */
  keywordEnd: typeWords.length + tagWords.length + storageWords.length + otherWords.length,
  end: all.length,
} as const;

export function addLanguageWords(table: NameTable): void {
  for (const word of all) table.internText(word);
}
