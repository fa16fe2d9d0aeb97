/**
 * A statement as the generator thinks of it: text with the places marked where it could be simpler. The shrinker needs
 * to know no more of SQL than this.
 */
export type Sql = string | SqlNode;

export type SqlNode =
  | { readonly kind: 'parts'; readonly parts: readonly Sql[] }
  /** May be left out. */
  | { readonly kind: 'optional'; readonly body: Sql }
  /** Items may be left out down to `minimum`. */
  | { readonly kind: 'list'; readonly items: readonly Sql[]; readonly separator: string; readonly minimum: number }
  /** A value of a type: may give way to another expression of that type inside it, or to a constant. */
  | { readonly kind: 'expression'; readonly type: string; readonly body: Sql }
  /** May give way to one of `simpler`. */
  | { readonly kind: 'choice'; readonly body: Sql; readonly simpler: readonly Sql[] };

/** sql`SELECT ${list} FROM ${table}` */
export function sql(texts: TemplateStringsArray, ...parts: readonly Sql[]): SqlNode {
  const all: Sql[] = [];
  for (const [index, text] of texts.entries()) {
    if (text !== '') all.push(text);
    if (index < parts.length) all.push(parts[index]);
  }
  return { kind: 'parts', parts: all };
}

export function optional(body: Sql): SqlNode {
  return { kind: 'optional', body };
}

export function list(items: readonly Sql[], { separator = ', ', minimum = 1 } = {}): SqlNode {
  return { kind: 'list', items, separator, minimum };
}

export function expression(type: string, body: Sql): SqlNode {
  return { kind: 'expression', type, body };
}

export function choice(body: Sql, ...simpler: readonly Sql[]): SqlNode {
  return { kind: 'choice', body, simpler };
}

/** The text that a server gets. */
export function render(tree: Sql): string {
  if (typeof tree === 'string') return tree;
  switch (tree.kind) {
    case 'parts':
      return tree.parts.map(render).join('');
    case 'list':
      return tree.items.map(render).join(tree.separator);
    case 'optional':
    case 'expression':
    case 'choice':
      return render(tree.body);
  }
}

/** Every expression in a tree, outermost first. */
export function* expressionsIn(tree: Sql): Generator<SqlNode & { kind: 'expression' }> {
  if (typeof tree === 'string') return;
  if (tree.kind === 'expression') yield tree;
  for (const child of childrenOf(tree)) yield* expressionsIn(child);
}

/** The tree with one of its nodes (that very object) replaced. */
export function replaceNode(tree: Sql, node: Sql, replacement: Sql): Sql {
  if (tree === node) return replacement;
  if (typeof tree === 'string') return tree;
  const children = childrenOf(tree);
  for (const [index, child] of children.entries()) {
    const changed = replaceNode(child, node, replacement);
    if (changed !== child) return withChild(tree, index, changed);
  }
  return tree;
}

/** All trees that are one step simpler and shorter, the larger steps first. */
export function* simplifications(tree: Sql): Generator<Sql> {
  // Breadth first: what takes away most comes early.
  let level: { readonly node: Sql; readonly put: (node: Sql) => Sql }[] = [{ node: tree, put: (node) => node }];
  while (level.length > 0) {
    const below: typeof level = [];
    for (const { node, put } of level) {
      if (typeof node === 'string') continue;
      const length = render(node).length;
      for (const simpler of simplerNodes(node)) if (render(simpler).length < length) yield put(simpler);
      for (const [index, child] of childrenOf(node).entries()) {
        below.push({ node: child, put: (changed) => put(withChild(node, index, changed)) });
      }
    }
    level = below;
  }
}

function* simplerNodes(node: SqlNode): Generator<Sql> {
  switch (node.kind) {
    case 'parts':
      return;
    case 'optional':
      yield '';
      return;
    case 'list': {
      const { items, minimum } = node;
      if (items.length > minimum + 2) {
        const half = Math.max(minimum, items.length >> 1);
        yield { ...node, items: items.slice(0, half) };
        yield { ...node, items: items.slice(-half) };
      }
      if (items.length > minimum) {
        for (const index of items.keys()) yield { ...node, items: items.filter((_, other) => other !== index) };
      }
      return;
    }
    case 'expression': {
      for (const inner of expressionsIn(node.body)) if (inner.type === node.type) yield inner;
      const constant = SIMPLEST[node.type];
      if (constant !== undefined) yield constant;
      yield `NULL::${node.type}`;
      return;
    }
    case 'choice':
      yield* node.simpler;
  }
}

/** The shortest constants of the most common types. */
const SIMPLEST: Readonly<Record<string, string>> = {
  bool: 'true',
  int4: '1',
  text: `'a'::text`,
  numeric: '1.5',
  int8: '1::int8',
  float8: '1::float8',
};

function childrenOf(node: SqlNode): readonly Sql[] {
  switch (node.kind) {
    case 'parts':
      return node.parts;
    case 'list':
      return node.items;
    case 'optional':
    case 'expression':
    case 'choice':
      return [node.body];
  }
}

function withChild(node: SqlNode, index: number, child: Sql): SqlNode {
  switch (node.kind) {
    case 'parts':
      return { ...node, parts: node.parts.with(index, child) };
    case 'list':
      return { ...node, items: node.items.with(index, child) };
    case 'optional':
    case 'expression':
    case 'choice':
      return { ...node, body: child };
  }
}
