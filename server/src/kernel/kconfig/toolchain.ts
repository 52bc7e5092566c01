/** Answers what Kconfig files ask of compiler, assembler, linker and shell. */
export interface Toolchain {
  /** One line for people. */
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Result of a helper of `scripts/Kconfig.include` (`cc-option` …); `null` for every other name. */
  call(name: string, args: readonly string[]): string | null;
  /** Output of a shell command, as far as it can be told without running it; empty otherwise. */
  shell(command: string): string;
}

/**
 * A cross toolchain of GCC 12.2 and binutils 2.40 without Rust and pahole: what a Debian 12 host has. Answers come
 * from tables, not from programs; a flag that no table names counts as supported.
 */
export const gcc12: Toolchain = {
  description: 'GCC 12 and binutils 2.40 assumed',
  environment: {
    ARCH: 'arm64',
    SRCARCH: 'arm64',
    CC: 'gcc',
    LD: 'ld',
    NM: 'nm',
    AR: 'ar',
    OBJCOPY: 'objcopy',
    PAHOLE: 'pahole',
    PYTHON3: 'python3',
    RUSTC: 'rustc',
    BINDGEN: 'bindgen',
    CC_VERSION_TEXT: 'aarch64-linux-gnu-gcc (GCC) 12.2.0',
  },
  call: (name, args) => {
    const [first = '', second = '', third = ''] = args;
    switch (name) {
      case 'cc-option':
      case 'cc-option-yn':
        return yes(!isUnsupported(unsupportedCompilerFlags, first));
      case 'cc-option-bit':
        // -m32 and -m64 are flags of other architectures.
        return isUnsupported(unsupportedCompilerFlags, first) ? '' : first;
      case 'ld-option':
        return yes(!isUnsupported(unsupportedLinkerFlags, first));
      case 'as-option':
      case 'as-instr':
      case 'as-instr64':
        return yes(!isUnsupported(unsupportedAssembly, first));
      case 'rustc-option':
        return 'n';
      case 'success':
        return yes(succeeds(first));
      case 'failure':
        return yes(!succeeds(first));
      case 'if-success':
        return succeeds(first) ? second : third;
      default:
        return null;
    }
  },
  shell: (command) => {
    const text = command.trim();
    const set = /^set -- (.*) && echo \$(\d)$/.exec(text);
    if (set) return (set[1] ?? '').trim().split(/\s+/)[Number(set[2]) - 1] ?? '';
    for (const [pattern, output] of shellOutputs) if (pattern.test(text)) return output;
    return '';
  },
};

function yes(holds: boolean): string {
  return holds ? 'y' : 'n';
}

function isUnsupported(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

// gcc-12 manual: flags of Clang, of later GCC, of other architectures, or that warn (and -Werror is on).
const unsupportedCompilerFlags: readonly RegExp[] = [
  /-mllvm\b/,
  /-fsanitize=kcfi/,
  /-fsanitize=kernel-memory/,
  /-fsanitize=array-bounds/,
  /-fsanitize=local-bounds/,
  /-fsanitize=object-size/,
  /-fsanitize=unsigned-integer-overflow/,
  /-enable-trivial-auto-var-init-zero/,
  /-fmin-function-alignment/,
  /-mrecord-mcount/,
  /-mfentry/,
  /-gz=zstd/,
  /-finline-stringops/,
  /-Wunreachable-code-fallthrough/,
  /tsan-compound-read-before-write/,
  /asan-kernel-mem-intrinsic-prefix/,
  /-frandomize-layout-seed-file/,
  /-fstrict-flex-arrays/,
  /-D__SIZEOF_INT128__=0/,
  /^\s*-m(32|64)\b/,
  /-fexperimental/,
  /-mbranch-protection=.*\+gcs/,
];

const unsupportedLinkerFlags: readonly RegExp[] = [/--lto-O/, /--call-graph-profile-sort/];

// Instructions that binutils 2.40 does not know.
const unsupportedAssembly: readonly RegExp[] = [/\.arch_extension (gcs|the|lse128|rcpc3|d128)/, /armv9\.[45]/];

const shellOutputs: readonly (readonly [RegExp, string])[] = [
  [/\/scripts\/cc-version\.sh\b/, 'GCC 120200'],
  [/\/scripts\/as-version\.sh\b/, 'GNU 24000'],
  [/--version \| .*\/scripts\/ld-version\.sh\b/, '240000000'],
  [/\/scripts\/ld-version\.sh\b/, 'BFD 24000'],
  [/\/scripts\/gcc-version\.sh\b/, '120200'],
  [/\/scripts\/clang-version\.sh\b/, '0'],
  [/\/scripts\/(rustc-version|rustc-llvm-version|pahole-version|lld-version)\.sh\b/, '0'],
];

/** Commands by pattern, first match wins; what no pattern names is taken to fail. */
const commandResults: readonly (readonly [RegExp, boolean])[] = [
  [/\/scripts\/(rust_is_available|cc-can-link)\.sh\b/, false],
  // GNU ld packs relative relocations for AArch64 only later.
  [/\/scripts\/tools-support-relr\.sh\b/, false],
  [/--help \| head -n 1 \| grep -qi llvm/, false],
  [/plugin-version\.h/, false],
  [/import lxml/, false],
  [/__counted_by__/, false],
  // `$CC` without brackets is a shell variable that kconfig's environment does set.
  [/^command -v /, true],
  [/^echo .*\| *\S*(gcc|\$CC)\b/, true],
  [/^\S*gcc .*-(c|S|E)\b/, true],
];

function succeeds(command: string): boolean {
  const text = command.trim();
  const test = /^(?:test|\[) (.*?) *\]?$/.exec(text);
  if (test && !text.includes('plugin-version')) return testHolds(test[1] ?? '');
  for (const [pattern, result] of commandResults) if (pattern.test(text)) return result;
  return false;
}

/** `test` with one comparison. */
function testHolds(text: string): boolean {
  const words = [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  const [a = '', operator = '', b = ''] = words;
  if (a === '-z') return operator === '';
  if (a === '-n') return operator !== '';
  const order: Readonly<Record<string, boolean>> = {
    '=': a === b,
    '==': a === b,
    '!=': a !== b,
    '-eq': Number(a) === Number(b),
    '-ne': Number(a) !== Number(b),
    '-ge': Number(a) >= Number(b),
    '-gt': Number(a) > Number(b),
    '-le': Number(a) <= Number(b),
    '-lt': Number(a) < Number(b),
  };
  return order[operator] ?? false;
}
