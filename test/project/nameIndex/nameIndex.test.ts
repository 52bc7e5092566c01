import { describe, expect, it } from 'vitest';
import { decodeIndex, encodeIndex } from '../../../server/src/project/nameIndex/storedIndex.ts';
import { NameIndex } from '../../../server/src/project/nameIndex.ts';
import { definitionsText, indexOf } from '../../support/nameIndex.ts';

const keys = `
struct static_key_false { int x; };
#define STATIC_KEY_FALSE_INIT (struct static_key_false){ 0 }
#define DEFINE_STATIC_KEY_FALSE(name) \\
	struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DECLARE_STATIC_KEY_FALSE(name) \\
	extern struct static_key_false name
#define EXPORT_SYMBOL(sym) extern typeof(sym) sym
`;
const calls = `
#define ___PASTE(a, b) a##b
#define __PASTE(a, b) ___PASTE(a, b)
#define STATIC_CALL_KEY_PREFIX __SCK__
#define STATIC_CALL_KEY(name) __PASTE(STATIC_CALL_KEY_PREFIX, name)
#define DEFINE_STATIC_CALL(name, _func) \\
	extern struct static_call_key STATIC_CALL_KEY(name); \\
	struct static_call_key STATIC_CALL_KEY(name) = { .func = _func, }
`;
const traces = `
#define __DECLARE_TRACE(name, proto, args) \\
	extern struct tracepoint __tracepoint_##name; \\
	static inline void trace_##name(proto) \\
	{ \\
		if (1) { \\
			do_it(); \\
		} \\
	} \\
	static inline bool trace_##name##_enabled(void) \\
	{ return 0; }
#define DECLARE_TRACE(name, proto, args) \\
	__DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#define TRACE_EVENT(name, proto, args, ...) \\
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
`;

describe('definitions', () => {
  it('a static key, its declaration, and not who exports it', () => {
    const fixture = indexOf({
      '/k/include/jump_label.h': keys,
      '/k/include/use.h': 'DECLARE_STATIC_KEY_FALSE(demo_key);\n',
      '/k/kernel/demo.c': 'DEFINE_STATIC_KEY_FALSE(demo_key);\nEXPORT_SYMBOL(demo_key);\n',
    });
    expect(definitionsText(fixture, 'demo_key')).toMatchInlineSnapshot(`
      "/k/include/use.h:1 declared static-key by DECLARE_STATIC_KEY_FALSE
      /k/kernel/demo.c:1 static-key by DEFINE_STATIC_KEY_FALSE"
    `);
  });

  it('a key whose first value depends on the configuration', () => {
    const fixture = indexOf({
      '/k/include/jump_label.h': `${keys}
#define ___PASTE(a, b) a##b
#define __PASTE(a, b) ___PASTE(a, b)
#define _DEFINE_STATIC_KEY_1(name) struct static_key_true name = { 1 }
#define _DEFINE_STATIC_KEY_0(name) DEFINE_STATIC_KEY_FALSE(name)
#define DEFINE_STATIC_KEY_MAYBE(cfg, name) __PASTE(_DEFINE_STATIC_KEY_, IS_ENABLED(cfg))(name)
`,
      '/k/kernel/demo.c': 'DEFINE_STATIC_KEY_MAYBE(CONFIG_DEMO, demo_key);\n',
    });
    expect(definitionsText(fixture, 'demo_key')).toBe('/k/kernel/demo.c:1 static-key by DEFINE_STATIC_KEY_MAYBE');
  });

  it('a key that is written out', () => {
    const fixture = indexOf({ '/k/kernel/a.c': 'struct static_key my_key = STATIC_KEY_INIT_FALSE;\n' });
    expect(definitionsText(fixture, 'my_key')).toBe('/k/kernel/a.c:1 static-key');
  });

  it('a static call by the name of its key', () => {
    const fixture = indexOf({ '/k/include/s.h': calls, '/k/kernel/a.c': 'DEFINE_STATIC_CALL(my_call, my_func);\n' });
    expect(definitionsText(fixture, '__SCK__my_call')).toBe('/k/kernel/a.c:1 static-call by DEFINE_STATIC_CALL');
    expect(fixture.index.expandName('STATIC_CALL_KEY(my_call)')).toBe('__SCK__my_call');
  });

  it('functions that a tracepoint makes', () => {
    const fixture = indexOf({
      '/k/include/t.h': traces,
      '/k/include/e.h': 'TRACE_EVENT(my_event,\n\tTP_PROTO(int a)\n);\n',
    });
    expect(definitionsText(fixture, 'trace_my_event')).toBe('/k/include/e.h:1 static inline-function by TRACE_EVENT');
    expect(definitionsText(fixture, 'trace_my_event_enabled')).toBe(
      '/k/include/e.h:1 static inline-function by TRACE_EVENT',
    );
    expect(definitionsText(fixture, '__tracepoint_my_event')).toBe(
      '/k/include/e.h:1 declared tracepoint by TRACE_EVENT',
    );
    expect(definitionsText(fixture, 'do_it')).toBe('');
  });

  it('a function whose name is put together from several arguments', () => {
    const fixture = indexOf({
      '/k/kernel/entry.c': `
#define UNHANDLED(el, regsize, vector) \\
asmlinkage void noinstr el##_##regsize##_##vector##_handler(struct pt_regs *regs) \\
{ \\
	panic(); \\
}
UNHANDLED(el1t, 64, sync)
UNHANDLED(el1t, 64, irq)
`,
    });
    expect(definitionsText(fixture, 'el1t_64_irq_handler')).toBe('/k/kernel/entry.c:8 function by UNHANDLED');
    expect(definitionsText(fixture, 'el1t_32_irq_handler')).toBe('');
  });

  it('a variable of each processor', () => {
    const fixture = indexOf({
      '/k/include/p.h': `
#define DEFINE_PER_CPU_SECTION(type, name, sec) \\
	__PCPU_ATTRS(sec) __typeof__(type) name
#define DEFINE_PER_CPU(type, name) DEFINE_PER_CPU_SECTION(type, name, "")
`,
      '/k/kernel/a.c': 'DEFINE_PER_CPU(int, my_number);\nDEFINE_PER_CPU(struct rq, my_rq) = { 1 };\n',
    });
    expect(definitionsText(fixture, 'my_number')).toBe('/k/kernel/a.c:1 variable by DEFINE_PER_CPU');
    expect(definitionsText(fixture, 'my_rq')).toBe('/k/kernel/a.c:2 variable by DEFINE_PER_CPU');
  });

  it('macros that use each other come to an end', () => {
    const fixture = indexOf({ '/k/kernel/a.c': '#define A(x) B(x)\n#define B(x) A(x)\nA(thing)\nint b;\n' });
    expect(definitionsText(fixture, 'thing')).toBe('');
  });
});

describe('uses', () => {
  it('files whose code holds a name, not their comments and strings', () => {
    const { index } = indexOf({
      '/k/kernel/a.c': 'int f(void) { return wanted; }\n',
      '/k/kernel/b.c': '/* wanted */ char *s = "wanted"; // wanted\n',
      '/k/kernel/c.c': '#define X(a) wanted(a)\n',
      '/k/arch/x86/d.c': 'int wanted;\n',
      '/k/drivers/e.c': 'int wanted;\n',
    });
    expect(index.usesOf('wanted')).toEqual(['/k/kernel/a.c', '/k/kernel/c.c']);
    expect(index.usesOf('absent')).toEqual([]);
  });
});

describe('changes', () => {
  it('a changed, a new and a removed file', () => {
    const fixture = indexOf({ '/k/kernel/a.c': 'int a;\n', '/k/kernel/b.c': 'int b;\n' });
    const { index, files, refresh } = fixture;
    files.write('/k/kernel/a.c', '\nlong a2;\n');
    files.write('/k/kernel/c.c', 'int b;\n');
    files.remove('/k/kernel/b.c');
    files.takeReads();
    refresh();
    expect(files.takeReads()).toEqual(['/k/kernel/a.c', '/k/kernel/c.c']);
    expect(definitionsText(fixture, 'a')).toBe('');
    expect(definitionsText(fixture, 'a2')).toBe('/k/kernel/a.c:2 variable');
    expect(definitionsText(fixture, 'b')).toBe('/k/kernel/c.c:1 variable');
    expect(index.usesOf('b')).toEqual(['/k/kernel/c.c']);
    expect(index.figures.files).toBe(2);
  });
});

describe('typing in a file with macros', () => {
  const text = 'int a;\n#define MAKE(x) int made_##x\nMAKE(one);\n';
  const names = (edited: readonly string[]): readonly string[] => {
    const index = new NameIndex('/k', () => edited.at(-1));
    for (const [stamp, one] of edited.entries()) index.put('/k/a.c', stamp, new TextEncoder().encode(one));
    return ['made_one', 'mode_one'].filter((name) => index.definitionsOf(name).length > 0);
  };

  it('a changed macro makes other names, whatever was typed before', () => {
    const changed = text.replace('made_##x', 'mode_##x');
    expect(names([text])).toEqual(['made_one']);
    expect(names([text, `ä${text}`, `\n${text}`])).toEqual(['made_one']);
    expect(names([text, `\n${text}`, `\n${changed}`])).toEqual(['mode_one']);
    expect(names([changed, `\n${changed}`, text, changed, `\n${text}`])).toEqual(['made_one']);
  });

  it('beside them leaves what they make as it is', () => {
    const index = new NameIndex('/k', () => text);
    const put = (one: string): number => {
      index.put('/k/a.c', 1, new TextEncoder().encode(one));
      return index.macroVersion;
    };
    put(text);
    const version = put(`\n${text}`);
    expect(put(`\n\n${text}`)).toBe(version);
    expect(put(text.replace('MAKE(x)', 'MAKE(x, y)'))).toBeGreaterThan(version);
  });
});

describe('kept', () => {
  const texts = { '/k/include/k.h': keys, '/k/kernel/a.c': 'DEFINE_STATIC_KEY_FALSE(demo_key);\nint ä;\n' };

  it('an index that was stored knows the same', () => {
    const { index, files } = indexOf(texts);
    const stored = decodeIndex('/k', encodeIndex('/k', index.stored()));
    const again = new NameIndex('/k', (path) => files.readText(path));
    again.restore(stored!);
    again.state = 'ready';
    expect(definitionsText({ index: again }, 'demo_key')).toBe(definitionsText({ index }, 'demo_key'));
    expect(again.usesOf('demo_key')).toEqual(['/k/kernel/a.c']);
    const { bytes: _first, ...before } = index.figures;
    const { bytes: _second, ...after } = again.figures;
    expect(after).toEqual(before);
  });

  it('another tree, damaged or cut bytes are no index', () => {
    const bytes = encodeIndex('/k', indexOf(texts).index.stored());
    expect(decodeIndex('/other', bytes)).toBeNull();
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      expect(decodeIndex('/k', damaged)).toBeNull();
      expect(decodeIndex('/k', bytes.slice(0, at))).toBeNull();
    }
  });
});
