import { expect, it } from 'vitest';
import { basename } from '../../../server/src/base/path.ts';
import { type CSite, cSitesOf } from '../../../server/src/features/c/cSites.ts';
import { openExampleC } from '../../support/exampleC.ts';

/** One line for a site: where, what is written there, what decides, both streams, how it came out of helpers. */
function shown(site: CSite, firstLine: number): string {
  const { alternative, jump, staticCall } = site;
  const stream = (insns: readonly { readonly text: string }[]): string => insns.map(({ text }) => text).join('; ');
  const what =
    jump !== null
      ? `${jump.key ?? '?'} ${jump.branch === null ? '?' : jump.branch ? 'likely' : 'unlikely'} at first ${jump.initial}: ${jump.unpatched.text} -> ${jump.patched.text}`
      : staticCall !== null
        ? `${staticCall.call} = ${staticCall.target ?? staticCall.targetReason}: ${stream(staticCall.stream)}`
        : `${alternative?.cpucap.name ?? `?${alternative?.cpucap.text}`}${alternative?.callback ? ` ${alternative.callback}` : ''}: ${stream(alternative?.original ?? [])} -> ${stream(alternative?.replacement ?? [])}`;
  const chain = site.chain.map(({ name, file }) => `${name}@${basename(file)}`).join(' > ');
  const notes = [site.count > 1 ? `x${site.count}` : '', site.removed === null ? '' : 'REMOVED'].filter(Boolean);
  return [`${site.line - firstLine} ${site.construct}`, what, chain, ...notes].join(' | ');
}

async function sitesOf(text: string): Promise<string> {
  const { ctx, path, firstLine } = await openExampleC(text);
  return `\n${cSitesOf(ctx, path)
    .map((site) => shown(site, firstLine))
    .join('\n')}\n`;
}

it('a test of a key is a nop or a branch by what the key starts with and how it is asked', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_TRUE(on_key);
DEFINE_STATIC_KEY_FALSE(off_key);
int a(void) { return static_branch_likely(&on_key); }
int b(void) { return static_branch_unlikely(&on_key); }
int c(void) { return static_branch_likely(&off_key); }
int d(void) { return static_branch_unlikely(&off_key); }
`),
  ).toMatchInlineSnapshot(`
    "
    3 static_branch_likely | on_key likely at first true: nop -> b l_yes | static_branch_likely@example.c > likely@jump_label.h > arch_static_branch@example.c
    4 static_branch_unlikely | on_key unlikely at first true: b l_yes -> nop | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch_jump@example.c
    5 static_branch_likely | off_key likely at first false: b l_yes -> nop | static_branch_likely@example.c > likely@jump_label.h > arch_static_branch_jump@example.c
    6 static_branch_unlikely | off_key unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    "
  `);
});

it('what stands around a test does not hide it: macros, arguments, negation, wrappers of one’s own', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_FALSE(first);
struct pair { int x; struct static_key_false key; };
struct pair both;
#define is_first() static_branch_unlikely(&first)
#define CHECK(x) ((x) ? 1 : 0)
static __always_inline bool asks(void) { return static_branch_unlikely(&both.key); }
int a(int x)
{
	if (!is_first())
		x++;
	else
		x--;
	x += CHECK(static_branch_likely(&first));
	if (asks())
		return 0;
	return x;
}
`),
  ).toMatchInlineSnapshot(`
    "
    6 static_branch_unlikely | both.key unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    9 is_first | first unlikely at first false: nop -> b l_yes | is_first@example.c > static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    13 static_branch_likely | first likely at first false: b l_yes -> nop | CHECK@example.c > static_branch_likely@example.c > likely@jump_label.h > arch_static_branch_jump@example.c
    14 asks | both.key unlikely at first false: nop -> b l_yes | asks@example.c > arch_static_branch@example.c
    "
  `);
});

it('the blocks that a test chooses between have their lines', async () => {
  const { ctx, path, firstLine } = await openExampleC(`
DEFINE_STATIC_KEY_FALSE(first);
int a(int x)
{
	if (static_branch_unlikely(&first)) {
		x++;
		x++;
	} else
		x--;
	return x;
}
`);
  const [site] = cSitesOf(ctx, path);
  const lines = (
    one: { readonly when: boolean; readonly line: number | null; readonly endLine: number | null } | null,
  ) => (one === null ? null : [one.when, (one.line ?? 0) - firstLine, (one.endLine ?? 0) - firstLine]);
  expect(lines(site?.jump?.outOfLine ?? null)).toEqual([true, 4, 7]);
  expect(lines(site?.jump?.inLine ?? null)).toEqual([false, 8, 8]);
});

it('helpers of cpucaps are read from the tree; one that this configuration decides is removed', async () => {
  expect(
    await sitesOf(`
int a(int x)
{
	if (system_supports_sve())
		x++;
	if (system_uses_irq_prio_masking())
		x--;
	return cpus_have_final_cap(ARM64_HAS_CACHE_DIC) ? x : 0;
}
`),
  ).toMatchInlineSnapshot(`
    "
    3 system_supports_sve | ARM64_SVE: nop -> b present | system_supports_sve@example.c > alternative_has_cap_unlikely@cpufeature.h
    5 system_uses_irq_prio_masking | ARM64_HAS_GIC_PRIO_MASKING: nop -> b present | system_uses_irq_prio_masking@example.c > alternative_has_cap_unlikely@cpufeature.h | REMOVED
    7 cpus_have_final_cap | ARM64_ALWAYS_SYSTEM alt_cb_patch_nops: b absent ->  | cpus_have_final_cap@example.c > system_capabilities_finalized@cpufeature.h > alternative_has_cap_likely@cpufeature.h
    7 cpus_have_final_cap | ARM64_HAS_CACHE_DIC: nop -> b present | cpus_have_final_cap@example.c > alternative_has_cap_unlikely@cpufeature.h
    "
  `);
});

it('an asm statement of one’s own keeps its operands as they are written', async () => {
  expect(
    await sitesOf(`
static inline unsigned long get(int n)
{
	unsigned long value;
	asm volatile(ALTERNATIVE("mrs %0, tpidr_el1\\n\\tadd %0, %0, %w[n]", "mrs %0, tpidr_el2\\n\\tnop", ARM64_HAS_VIRT_HOST_EXTN)
		     : "=r" (value) : [n] "r" (n));
	return value;
}
`),
  ).toMatchInlineSnapshot(`
    "
    4 ALTERNATIVE | ARM64_HAS_VIRT_HOST_EXTN: mrs %0, tpidr_el1; add %0, %0, %w[n] -> mrs %0, tpidr_el2; nop | 
    "
  `);
});

it('code that constants leave out makes no site', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_FALSE(first);
enum { zero, one };
static inline int pick(int which)
{
	switch (which) {
	case zero:
		return 0;
	case one:
		return static_branch_unlikely(&first);
	default:
		break;
	}
	return 2;
}
int a(void)
{
	if (0 && static_branch_likely(&first))
		return 1;
	return pick(zero);
}
`),
  ).toMatchInlineSnapshot(`
    "
    9 static_branch_unlikely | first unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    "
  `);
});

it('two equal sites of one place are one with their number', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_FALSE(first);
#define twice() (static_branch_unlikely(&first) + static_branch_unlikely(&first))
int a(void) { return twice(); }
`),
  ).toMatchInlineSnapshot(`
    "
    3 twice | first unlikely at first false: nop -> b l_yes | twice@example.c > static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c | x2
    "
  `);
});

it('what an inline function leaves to its callers is said by each of them', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_FALSE(first);
DEFINE_STATIC_KEY_FALSE(second);
static __always_inline bool asks(struct static_key_false *key) { return static_branch_unlikely(key); }
int a(void) { return asks(&first) + asks(&second); }
`),
  ).toMatchInlineSnapshot(`
    "
    3 static_branch_unlikely | first unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    3 static_branch_unlikely | second unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    4 asks | first unlikely at first false: nop -> b l_yes | asks@example.c > arch_static_branch@example.c
    4 asks | second unlikely at first false: nop -> b l_yes | asks@example.c > arch_static_branch@example.c
    "
  `);
});

it('a variable whose address is given away is not what it was set to', async () => {
  expect(
    await sitesOf(`
DEFINE_STATIC_KEY_FALSE(first);
void fill(int *x);
int a(void)
{
	int error = 0;

	fill(&error);
	if (error && static_branch_unlikely(&first))
		return 1;
	return 0;
}
`),
  ).toMatchInlineSnapshot(`
    "
    8 static_branch_unlikely | first unlikely at first false: nop -> b l_yes | static_branch_unlikely@example.c > unlikely@jump_label.h > arch_static_branch@example.c
    "
  `);
});

it('an element of an array of keys has its offset', async () => {
  const { ctx, path } = await openExampleC(`
enum { slow, fast, nr };
struct static_key_false modes[nr];
int a(void) { return static_branch_unlikely(&modes[fast]); }
`);
  expect(cSitesOf(ctx, path).map(({ jump }) => [jump?.key, jump?.symbol])).toEqual([['modes[1]', 'modes+0x10']]);
});
