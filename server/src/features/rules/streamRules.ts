// Rules about what stands in the halves of one alternative.

import { lineIn, outermostSource } from '../../kernel/alternatives.ts';
import { bareCpucapName, type CpucapTable, suggestCpucaps } from '../../kernel/cpucaps.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import { streamWhenSet } from '../../patch/patchedStream.ts';
import { alignmentDirectives } from '../../syntax/gas/directives.ts';
import type { GasStatement } from '../../syntax/gas/model.ts';
import { isOfConstruct } from './constructs.ts';
import { countInsns, findingAt, findingAtSite, type RawFinding, type RuleInput } from './ruleModel.ts';

/** 63 instructions: lengths are one byte in the record, and a length of 256 becomes 0. */
const maxHalfBytes = 252;

/** Placeholder instructions that callbacks insist on (BUG_ON(nr_inst != n), arch/arm64, v6.1 and v6.12). */
const callbackInsns: Readonly<Record<string, number>> = {
  spectre_v4_patch_fw_mitigation_enable: 1,
  smccc_patch_fw_mitigation_conduit: 1,
  spectre_bhb_patch_loop_mitigation_enable: 1,
  spectre_bhb_patch_loop_iter: 1,
  spectre_bhb_patch_wa3: 1,
  spectre_bhb_patch_clearbhb: 2,
  spectre_bhb_patch_fw_mitigation_enabled: 1,
  kasan_hw_tags_enable: 1,
  kvm_update_va_mask: 5,
  kvm_patch_vector_branch: 4,
  kvm_get_kimage_voffset: 4,
  kvm_compute_final_ctr_el0: 4,
};

/** Findings of one site whose labels are its own. */
export function checkStreams(input: RuleInput, site: AlternativeSite): RawFinding[] {
  const findings: RawFinding[] = [];
  checkCpucap(input.cpucaps, site, findings);
  checkContents(input, site, findings);
  // A foreign label in the place of the macros' own is the reason for whatever lengths come of it.
  if (!findings.some((finding) => finding.rule === 'alternative.label-clash')) checkLengths(site, findings);
  checkCallback(site, findings);
  checkReplacement(site, findings);
  if (findings.length === 0) checkEffect(site, findings);
  return findings;
}

/** Findings of the two halves of a site that inline assembly makes: what the record and the patcher make of them. */
export function checkHalves(site: AlternativeSite): RawFinding[] {
  const findings: RawFinding[] = [];
  checkLengths(site, findings);
  checkCallback(site, findings);
  checkReplacement(site, findings);
  if (findings.length === 0) checkEffect(site, findings);
  return findings;
}

/** A record that names no cpucap of the tree; also asked for sites whose shape is broken. */
export function checkCpucap(cpucaps: CpucapTable | null, site: AlternativeSite, findings: RawFinding[]): void {
  if (cpucaps === null || cpucaps.caps.length === 0 || site.cpucap.name !== null) return;
  const { text, number } = site.cpucap;
  if (text.startsWith('\\') || text === 'ARM64_CB_PATCH') return;
  if (site.kind === 'callback-alternative' && cpucaps.callback.kind === 'ncaps') return;
  const suggestions = number === null ? suggestCpucaps(cpucaps, bareCpucapName(text)) : [];
  const meant = suggestions.map((one) => {
    if (one.reason === 'renamed') return `ARM64_${one.name} (its name in this tree)`;
    if (one.reason === 'renamed-inverted')
      return `ARM64_${one.name} (renamed with the opposite sense: swap the halves)`;
    return `ARM64_${one.name}`;
  });
  const what =
    number === null ? `\`${text}' is no cpucap of this tree` : `this tree has no cpucap with the number ${number}`;
  const hint =
    meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ' Names are listed in arch/arm64/tools/cpucaps.';
  findings.push(
    findingAtSite(
      'alternative.unknown-cpucap',
      site,
      `${what}. The assembler accepts it; the link fails, or boot never patches this site.${hint}`,
      { word: number === null ? text : null },
    ),
  );
}

function checkLengths(site: AlternativeSite, findings: RawFinding[]): void {
  const { origLenBytes: original, altLenBytes: replacement } = site;
  if (site.kind === 'alternative' && original !== null && replacement !== null && original !== replacement) {
    findings.push(
      findingAtSite(
        'alternative.length-mismatch',
        site,
        `The halves differ in length: ${countInsns(original)} when ${site.cpucap.text} is absent, ${countInsns(replacement)} when it is present. The assembler stops at ".org", and a record like this stops boot in BUG_ON(). Make them equal, with NOPs where one is shorter.`,
        { word: site.construct },
      ),
    );
  }
  const longest = Math.max(original ?? 0, replacement ?? 0);
  if (longest > maxHalfBytes) {
    findings.push(
      findingAtSite(
        'alternative.too-long',
        site,
        `This alternative has ${countInsns(longest)}; the record holds a length of at most 63. GNU as refuses it, LLVM's assembler cuts the length off so that nothing is ever patched. Branch over a longer sequence instead.`,
        { word: site.construct },
      ),
    );
  }
}

function checkEffect(site: AlternativeSite, findings: RawFinding[]): void {
  const { original, replacement } = site;
  if (site.kind !== 'alternative' || original.length === 0 || original.length !== replacement.length) return;
  if (!original.every((insn, index) => insn.word !== null && insn.word === replacement[index]?.word)) return;
  if (original.some((insn, index) => insn.relocation !== replacement[index]?.relocation)) return;
  // Equal words of branches and addresses have different targets.
  if (
    original.some((insn) => insn.relocation === null && /^(b|bl|b\.\w+|cbn?z|tbn?z|adrp?)$/.test(split(insn.text)[0]))
  )
    return;
  findings.push(
    findingAtSite(
      'alternative.no-effect',
      site,
      `Both halves are the same ${countInsns(original.length * 4)}: patching changes nothing, the record and the copy are kept for nothing. Remove the alternative, or correct the half that was meant to differ.`,
      { word: site.construct },
    ),
  );
}

function checkCallback(site: AlternativeSite, findings: RawFinding[]): void {
  if (site.kind !== 'callback-alternative' || site.callback === null || site.origLenBytes === null) return;
  const name = site.callback.replace(/^__kvm_nvhe_/, '');
  const wanted = callbackInsns[name];
  if (wanted === undefined || site.origLenBytes === wanted * 4) return;
  findings.push(
    findingAtSite(
      'alternative.callback-size',
      site,
      `${name} writes ${countInsns(wanted * 4)}, but this site has ${countInsns(site.origLenBytes)}. The callback stops boot in BUG_ON(). Give it exactly the placeholders it expects.`,
      { word: site.callback },
    ),
  );
}

function checkReplacement(site: AlternativeSite, findings: RawFinding[]): void {
  for (const insn of site.replacement) {
    const [mnemonic = '', operands = ''] = split(insn.text);
    const source = { file: site.written.file, line: insn.blockLine };
    const outermost = { file: site.file, line: site.line };
    const direct = insn.file === site.written.file && insn.line === insn.blockLine;
    const related = [
      { file: site.written.file, line: site.written.openLine, message: 'in the replacement of this alternative' },
      ...(direct ? [] : [{ file: insn.file, line: insn.line, message: `\`${insn.text}' is written here` }]),
    ];
    const extra = { word: direct ? mnemonic : null, related };
    const literal = /^(ldr|ldrsw|prfm)$/.test(mnemonic) && !operands.includes('[');
    if (mnemonic === 'adr' || literal) {
      const vector = literal && /^[bhsdq][0-9]/i.test(operands);
      findings.push(
        vector
          ? findingAt(
              'alternative.simd-literal',
              source,
              outermost,
              `\`${insn.text}' loads a literal relative to its own address, and the patcher does not adjust it: once copied it reads another place. Load the address with adrp and :lo12: instead.`,
              extra,
            )
          : findingAt(
              'alternative.pc-relative-literal',
              source,
              outermost,
              `\`${insn.text}' is relative to its own address, which the patcher cannot adjust: get_alt_insn() stops boot in BUG(). Use adrp with :lo12:, or movz/movk.`,
              extra,
            ),
      );
      continue;
    }
    const relocation = insn.relocation?.split(' ')[0] ?? null;
    if (relocation === 'CONDBR19' || relocation === 'TSTBR14') {
      const reach = relocation === 'TSTBR14' ? '32 KiB' : '1 MiB';
      findings.push(
        findingAt(
          'alternative.branch-out-of-range',
          source,
          outermost,
          `\`${insn.text}' leaves the file, and the patcher re-encodes it for the original's address without a range check (±${reach}): out of reach it would go somewhere else. Branch with b, or keep the target near.`,
          extra,
        ),
      );
    } else if (relocation !== null && !isHandledRelocation(relocation)) {
      findings.push(
        findingAt(
          'alternative.relocation',
          source,
          outermost,
          `\`${insn.text}' carries the relocation R_AARCH64_${relocation}, which is computed for the replacement's address and not adjusted when it is copied. Only branches and ADRP are.`,
          extra,
        ),
      );
    }
  }
  if (site.kind !== 'alternative') return;
  const patched = streamWhenSet(site);
  if (!patched.known) return;
  for (const note of patched.notes) {
    if (!note.includes('no longer reaches')) continue;
    findings.push(
      findingAtSite(
        'alternative.branch-out-of-range',
        site,
        `In the replacement, ${note}. The patcher masks the distance without a check. Branch with b, or keep the target near.`,
      ),
    );
  }
}

function isHandledRelocation(type: string): boolean {
  return (
    /^(JUMP26|CALL26|ADR_PREL_PG_HI21(_NC)?|MOVW_[US]ABS_G[0-3](_NC)?)$/.test(type) ||
    /^(ADD|LDST[0-9]+)_ABS_LO12_NC$/.test(type)
  );
}

const sectionSwitches: ReadonlySet<string> = new Set([
  '.section',
  '.subsection',
  '.previous',
  '.text',
  '.data',
  '.bss',
  '.org',
]);

/** Statements between opener and end that move the stream elsewhere or are no instructions. */
function checkContents(input: RuleInput, site: AlternativeSite, findings: RawFinding[]): void {
  const { originalStart, originalEnd, replacementStart, replacementEnd } = site.labels;
  const ends = [originalStart, originalEnd, replacementStart, replacementEnd].filter((one) => one !== null);
  const from = Math.min(...ends.map((one) => one.seq));
  const to = Math.max(...ends.map((one) => one.seq));
  /** `.pushsection`s of this half that nothing has closed yet. */
  const pushed: GasStatement[] = [];
  const related = [
    { file: site.written.file, line: site.written.openLine, message: `inside this \`${site.construct}'` },
  ];
  const report = (rule: string, statement: GasStatement, message: string): void => {
    const at = lineIn(statement, site.outer);
    const word = at === statement.source ? statement.op : null;
    findings.push(findingAt(rule, at, outermostSource(statement, null), message, { word, related }));
  };
  const unbalanced = (statements: readonly GasStatement[]): void => {
    for (const statement of statements) {
      report(
        'alternative.section-switch',
        statement,
        `\`${statement.op}' has no counterpart in the same half: what follows lands in another section, and the halves end up in the wrong place. Use .pushsection and .popsection in pairs.`,
      );
    }
  };
  for (let seq = from; seq <= to; seq++) {
    const statement = input.gas.statements[seq];
    if (statement === undefined) continue;
    if (isOfConstruct(statement, input.grammar)) {
      if (statement.kind === 'label') unbalanced(pushed.splice(0));
      continue;
    }
    if (statement.op === '.pushsection') pushed.push(statement);
    else if (statement.op === '.popsection') {
      if (pushed.pop() === undefined) unbalanced([statement]);
    } else if (pushed.length === 0 && sectionSwitches.has(statement.op)) {
      report(
        'alternative.section-switch',
        statement,
        `\`${statement.op}' inside an alternative moves the rest of it elsewhere: the macros return with .previous, so the halves end up in the wrong place. Use .pushsection and .popsection.`,
      );
    } else if (pushed.length === 0 && isNoInstruction(statement)) {
      report(
        'alternative.not-an-instruction',
        statement,
        `\`${statement.op}' inside an alternative is no instruction: its length can depend on where it lands, and the patcher treats its bytes as code. Put data in another section.`,
      );
    } else if (statement.kind === 'label' && input.grammar.labels.has(statement.op)) {
      report(
        'alternative.label-clash',
        statement,
        `The label ${statement.op}: belongs to the alternative macros; defined here it takes the place of theirs, and the record gets the wrong length. Use another number.`,
      );
    }
  }
}

function isNoInstruction(statement: GasStatement): boolean {
  if (statement.op === '.inst') return false;
  return statement.kind === 'data' || alignmentDirectives.has(statement.op) || /^\.(ltorg|pool)$/.test(statement.op);
}

function split(text: string): [string, string] {
  const blank = text.indexOf(' ');
  return blank < 0 ? [text.toLowerCase(), ''] : [text.slice(0, blank).toLowerCase(), text.slice(blank + 1)];
}
