import { describe, expect, it } from 'vitest';
import type { CExpr, CStmt } from '../../../server/src/syntax/cflow/model.ts';
import { parseBody, parseExpression } from '../../../server/src/syntax/cflow/statements.ts';

function expr(one: CExpr): string {
  switch (one.kind) {
    case 'number':
      return `${one.value}`;
    case 'string':
      return JSON.stringify(one.text);
    case 'name':
      return one.name;
    case 'call':
      return `${expr(one.callee)}(${one.args.map(expr).join(', ')})`;
    case 'unary':
      return `${one.op}${expr(one.operand)}`;
    case 'binary':
    case 'assign':
      return `(${expr(one.left)} ${one.op} ${expr(one.right)})`;
    case 'conditional':
      return `(${expr(one.condition)} ? ${one.whenTrue === null ? '' : expr(one.whenTrue)} : ${expr(one.whenFalse)})`;
    case 'cast':
      return `<${one.type}>${expr(one.operand)}`;
    case 'member':
      return `${expr(one.operand)}${one.arrow ? '->' : '.'}${one.name}`;
    case 'index':
      return `${expr(one.operand)}[${expr(one.index)}]`;
    case 'block':
      return `({ ${one.body.map(stmt).join(' ')} })`;
    case 'type':
      return `type<${one.text}>`;
    case 'sizeof':
      return `sizeof ${expr(one.of)}`;
    case 'list':
      return `{${one.items.map(expr).join(', ')}}`;
    case 'generic':
      return `generic ${expr(one.of)}`;
    case 'unknown':
      return `?${one.text}?`;
  }
}

function stmt(one: CStmt): string {
  switch (one.kind) {
    case 'expr':
      return `${expr(one.value)};`;
    case 'declare':
      return `${one.isStatic ? 'static ' : ''}<${one.type}> ${one.name}${one.init === null ? '' : ` = ${expr(one.init)}`}${one.cleanup === null ? '' : ` cleanup ${one.cleanup}`};`;
    case 'if':
      return `if ${expr(one.condition)} ${stmt(one.then)}${one.otherwise === null ? '' : ` else ${stmt(one.otherwise)}`}`;
    case 'switch':
      return `switch ${expr(one.on)} ${stmt(one.body)}`;
    case 'loop':
      return `loop ${one.condition === null ? '' : expr(one.condition)} ${stmt(one.body)}`;
    case 'block':
      return `{ ${one.body.map(stmt).join(' ')} }`;
    case 'return':
      return `return ${one.value === null ? '' : expr(one.value)};`;
    case 'goto':
      return `goto ${one.label};`;
    case 'label':
      return `${one.name}:`;
    case 'case':
      return one.low === null ? 'default:' : `case ${expr(one.low)}:`;
    case 'asm':
      return `asm ${JSON.stringify(one.template)} out ${one.outputs.map((each) => each.constraint)} in ${one.inputs.map((each) => `${each.name ?? ''}${each.constraint}${expr(each.value)}`)} labels ${one.labels};`;
    default:
      return `${one.kind};`;
  }
}

const body = (text: string): string => parseBody(text, 0, text.length).map(stmt).join('\n');

describe('expressions', () => {
  it.each([
    ['a + b * c == 2 && !d', '(((a + (b * c)) == 2) && !d)'],
    ['(u64)x', '<u64>x'],
    ['(x) + 1', '(x + 1)'],
    ['(struct foo *)p->next', '<struct foo *>p->next'],
    ['&((char *)key)[branch]', '&<char *>key[branch]'],
    ['({ int r = f(); r; })', '({ <int> r = f(); r; })'],
    [
      '__builtin_types_compatible_p(typeof(*p), struct key)',
      '__builtin_types_compatible_p(type<typeof(*p)>, type<struct key>)',
    ],
    ['sizeof(int) == sizeof x', '(sizeof type<int> == sizeof x)'],
    ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
    ['a ?: b', '(a ?  : b)'],
    ['(struct pair){ .x = 1, .y = 2 }', '{1, 2}'],
    ['"one" "two"', '"onetwo"'],
    ['f(g(1), (int)2)', 'f(g(1), <int>2)'],
    ["'a' + 0x10UL + 010", '((97 + 16) + 8)'],
  ])('%s', (text, wanted) => {
    expect(expr(parseExpression(text))).toBe(wanted);
  });
});

it('statements of every kind', () => {
  expect(
    body(`{
	const struct foo *p = &x, *q;
	static struct key once = { { 1 } };
	unsigned long flags __attribute__((cleanup(restore))) = save();
	if (a) b(); else if (c) { d(); }
	for (int i = 0; i < 3; i++) continue;
	do { e(); } while (0);
	switch (x) { case 1 ... 2: f(); break; default: ; }
	goto out;
out:
	asm goto("nop" : : "i" (1), [key] "r" (p->key) : "memory" : yes);
	return a * b;
yes:
	foo_t * declared;
}`),
  ).toMatchInlineSnapshot(`
    "<const struct foo *> p = &x;
    <const struct foo *> q;
    static <struct key> once = {{1}};
    <unsigned long> flags = save() cleanup restore;
    if a b(); else if c { d(); }
    loop (i < 3) continue;
    loop 0 { e(); }
    switch x { case 1: f(); break; default: empty; }
    goto out;
    out:
    asm "nop" out  in i1,keyrp->key labels yes;
    return (a * b);
    yes:
    <foo_t *> declared;"
  `);
});

it('broken text neither throws nor hangs', () => {
  const whole = `{ if (a(({ int x = 1; x; }) ? b : c)) { asm volatile("x" : "=r" (y) : "r" (z)); } else for (;;) while (d) e[1].f->g(); return (struct s){ .a = 1 }; }`;
  for (let length = 0; length <= whole.length; length++) {
    parseBody(whole, 0, length);
    parseBody(whole.slice(length), 0, whole.length - length);
    parseBody(`${whole.slice(0, length)}${whole.slice(length + 1)}`, 0, whole.length - 1);
  }
  const deep = '('.repeat(50_000);
  parseBody(deep, 0, deep.length);
  const blocks = '{'.repeat(50_000);
  parseBody(blocks, 0, blocks.length);
});
