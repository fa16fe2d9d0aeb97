import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FromJoin, FromTable } from '../syntax/from-ast.ts';
import type { CommonTable, SetOperationStatement } from '../syntax/query-ast.ts';
import { startOf } from './expression-position.ts';

/** The tables of WITH RECURSIVE so that each stands behind those that it reads, and those that read themselves. */
export interface OrderedTables {
  readonly tables: readonly CommonTable[];
  readonly recursive: ReadonlySet<CommonTable>;
}

/** Throws 0A000 for tables that read each other, 42P19 for one that reads itself where that has no meaning. */
export function orderRecursiveTables(tables: readonly CommonTable[]): OrderedTables {
  const recursive = new Set<CommonTable>();
  const waiting = tables.map((table) => ({ table, reads: readsOf(table, tables, recursive) }));
  const ordered: CommonTable[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ reads }) => reads.size === 0);
    if (next < 0) {
      throw new SqlError(SqlState.FeatureNotSupported, 'mutual recursion between WITH items is not implemented', {
        position: waiting[0].table.position,
      });
    }
    const [{ table }] = waiting.splice(next, 1);
    // PostgreSQL moves what stood first to the place that became free, which decides what an error names.
    if (next > 0) waiting.splice(next - 1, 0, ...waiting.splice(0, 1));
    for (const { reads } of waiting) reads.delete(table);
    ordered.push(table);
  }
  for (const table of ordered) {
    if (recursive.has(table)) checkForm(table);
  }
  return { tables: ordered, recursive };
}

/** The other tables that one reads; itself goes to `recursive`. */
function readsOf(table: CommonTable, tables: readonly CommonTable[], recursive: Set<CommonTable>): Set<CommonTable> {
  const reads = new Set<CommonTable>();
  const visitor: ReferenceVisitor = {
    table({ relation }) {
      const found = tables.find(({ name }) => name === relation.name);
      if (found === table) recursive.add(table);
      else if (found !== undefined) reads.add(found);
    },
  };
  visitReferences(table.statement, visitor, new Set());
  return reads;
}

function checkForm({ name, statement, position }: CommonTable): void {
  if (statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete') {
    throw invalid(`recursive query "${name}" must not contain data-modifying statements`, position);
  }
  if (statement.kind !== 'set-operation' || statement.operation !== 'union') {
    throw invalid(
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      position,
    );
  }
  checkReferences(statement.left, name, 'its non-recursive term');
  if (statement.with !== undefined) checkReferences(statement.with, name, 'a subquery');
  checkReferences(statement.right, name, undefined);
  const [first] = statement.orderBy;
  if (first !== undefined) throw notImplemented('ORDER BY', startOf(first.expression));
  if (statement.offset !== undefined) throw notImplemented('OFFSET', startOf(statement.offset));
  if (statement.limit !== undefined) throw notImplemented('LIMIT', startOf(statement.limit));
}

function notImplemented(clause: string, position: number): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, `${clause} in a recursive query is not implemented`, { position });
}

function invalid(message: string, position: number): SqlError {
  return new SqlError(SqlState.InvalidRecursion, message, { position });
}

/** `within`: why the name cannot be used here at all; undefined: once, where each round has it. */
function checkReferences(tree: unknown, name: string, within: string | undefined): void {
  let count = 0;
  let place = within;
  const inPlace = (inner: string | undefined, visit: () => void): void => {
    const before = place;
    place = before ?? inner;
    visit();
    place = before;
  };
  const visitor: ReferenceVisitor = {
    table({ relation }) {
      if (relation.name !== name) return;
      if (place !== undefined) {
        throw invalid(`recursive reference to query "${name}" must not appear within ${place}`, relation.position);
      }
      count += 1;
      if (count > 1) {
        throw invalid(`recursive reference to query "${name}" must not appear more than once`, relation.position);
      }
    },
    subquery(visit) {
      // Whatever lies around it: a subquery is a query of its own.
      const before = place;
      place = 'a subquery';
      visit();
      place = before;
    },
    side(node, side, visit) {
      inPlace(barOf(node, side), visit);
    },
  };
  visitReferences(tree, visitor, new Set());
}

/** What keeps the rounds of a recursion out of a side of a join or set operation. */
function barOf(node: FromJoin | SetOperationStatement, side: 'left' | 'right'): string | undefined {
  if (node.kind === 'join') {
    const isOuter =
      node.type === 'full' || (node.type === 'left' && side === 'right') || (node.type === 'right' && side === 'left');
    return isOuter ? 'an outer join' : undefined;
  }
  if (node.operation === 'intersect') return node.isAll ? 'INTERSECT' : undefined;
  if (node.operation === 'except') return node.isAll || side === 'right' ? 'EXCEPT' : undefined;
  return undefined;
}

interface ReferenceVisitor {
  /** A name in FROM without a schema, which no WITH clause further in explains. */
  table(item: FromTable): void;
  /** A query within an expression; `visit` goes on into it. */
  subquery?(visit: () => void): void;
  side?(node: FromJoin | SetOperationStatement, side: 'left' | 'right', visit: () => void): void;
}

/**
 * Walks a tree of syntax in the order of its text. It looks at what it knows and goes through all else, so that a new
 * kind of expression needs nothing here. `hidden`: names that WITH clauses within the tree give a meaning of their own.
 */
function visitReferences(tree: unknown, visitor: ReferenceVisitor, hidden: ReadonlySet<string>): void {
  if (Array.isArray(tree)) {
    for (const item of tree) visitReferences(item, visitor, hidden);
    return;
  }
  if (!isNode(tree)) return;
  let inner = hidden;
  if (isWithClause(tree.with)) {
    const { tables, isRecursive } = tree.with;
    const names = tables.map((table) => table.name);
    for (const [at, table] of tables.entries()) {
      visitReferences(table.statement, visitor, new Set([...hidden, ...(isRecursive ? names : names.slice(0, at))]));
    }
    inner = new Set([...hidden, ...names]);
  }
  if (isFromTable(tree)) {
    if (tree.relation.schema === undefined && !inner.has(tree.relation.name)) visitor.table(tree);
    return;
  }
  const through = (part: unknown): void => visitReferences(part, visitor, inner);
  for (const [name, part] of Object.entries(tree)) {
    if (name === 'with') continue;
    const isExpressionQuery = name === 'query' && ('form' in tree || tree.kind === 'subquery-comparison');
    const isSide = (name === 'left' || name === 'right') && (tree.kind === 'join' || tree.kind === 'set-operation');
    if (isExpressionQuery && visitor.subquery !== undefined) visitor.subquery(() => through(part));
    else if (isSide && visitor.side !== undefined) {
      visitor.side(tree as unknown as FromJoin | SetOperationStatement, name, () => through(part));
    } else through(part);
  }
}

type SyntaxNode = Readonly<Record<string, unknown>>;

function isNode(tree: unknown): tree is SyntaxNode {
  return typeof tree === 'object' && tree !== null;
}

function isWithClause(clause: unknown): clause is { tables: readonly CommonTable[]; isRecursive: boolean } {
  return isNode(clause) && Array.isArray(clause.tables);
}

function isFromTable(node: SyntaxNode): node is SyntaxNode & FromTable {
  return node.kind === 'table' && isNode(node.relation);
}
