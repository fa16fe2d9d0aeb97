import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { FromItem } from '../syntax/from-ast.ts';
import type {
  CommonTable,
  CycleClause,
  Query,
  SearchClause,
  SelectStatement,
  SetOperationStatement,
  Target,
} from '../syntax/query-ast.ts';

/** Names that no column of a user has by accident: what the right side hands on from the round before. */
const SEQUENCE = '*seq*';
const PATH = '*path*';
const LEFT = '*TLOCRN*';
const RIGHT = '*TROCRN*';

/** A recursive query whose sides compute the columns of SEARCH and CYCLE as well. */
export interface TracedRecursion {
  readonly query: SetOperationStatement;
  /** How many columns there are more. */
  readonly addedCount: number;
}

/** Throws 0A000 and 42601 for sides that are not single queries. */
export function requireSingleSides({ left, right }: SetOperationStatement): void {
  const message = (side: string): string =>
    `with a SEARCH or CYCLE clause, the ${side} side of the UNION must be a SELECT`;
  if (isTree(left)) throw new SqlError(SqlState.FeatureNotSupported, message('left'));
  if (isTree(right)) throw new SqlError(SqlState.SyntaxError, message('right'));
}

function isTree(query: Query): boolean {
  return (
    query.kind === 'set-operation' &&
    query.orderBy.length === 0 &&
    query.limit === undefined &&
    query.offset === undefined &&
    query.with === undefined
  );
}

/**
 * The clauses as what they stand for, in syntax. `columns` are the table's own:
 *
 *   SEARCH DEPTH FIRST BY a SET seq     seq = ARRAY[ROW(a)], then seq || ROW(a)
 *   SEARCH BREADTH FIRST BY a SET seq   seq = ROW(0, a), then ROW(seq's number + 1, a)
 *   CYCLE a SET mark USING path         path likewise; mark says that ROW(a) is in it, and such rows go no further
 *
 * Throws 42601 and 42701 for names that are not the table's, or that it has already, 0A000 where the table is not read
 * directly in the right side's FROM.
 */
export function traceRecursion(
  { name, search, cycle }: CommonTable,
  query: SetOperationStatement,
  columns: readonly string[],
): TracedRecursion {
  if (search !== undefined) checkSearch(search, columns);
  if (cycle !== undefined) checkCycle(cycle, columns);
  if (search !== undefined && cycle !== undefined) checkBoth(search, cycle);
  const added: Added[] = [];
  if (search !== undefined) added.push(search.isBreadthFirst ? breadthFirst(search) : depthFirst(search));
  if (cycle !== undefined) added.push(markOf(cycle), pathOf(cycle));
  const left = wrapped(
    query.left,
    LEFT,
    columns,
    added.map(({ column, first }) => [column, first(LEFT)]),
  );
  const right = wrapped(
    withTrace(query.right, name, { search, cycle }),
    RIGHT,
    [...columns, ...(search === undefined ? [] : [SEQUENCE]), ...(cycle === undefined ? [] : [PATH])],
    added.map(({ column, next }) => [column, next(RIGHT)]),
    columns.length,
  );
  return { query: { ...query, left, right }, addedCount: added.length };
}

/** A column that a clause adds: in the rows to begin with, and in those that come of others. */
interface Added {
  readonly column: string;
  readonly first: (relation: string) => SyntaxExpression;
  readonly next: (relation: string) => SyntaxExpression;
}

function depthFirst({ columns, sequenceColumn }: SearchClause): Added {
  return {
    column: sequenceColumn,
    first: (relation) => ({ kind: 'array', elements: [row(relation, columns)], position: 0 }),
    next: (relation) => call('array_append', [column(relation, SEQUENCE), row(relation, columns)]),
  };
}

function breadthFirst({ columns, sequenceColumn }: SearchClause): Added {
  const bigint = { schema: 'pg_catalog', name: 'int8', modifiers: [], arrayDimensions: 0, position: 0 };
  const number = (value: string): SyntaxExpression => ({ kind: 'literal', type: 'integer', value, position: 0 });
  const zero: SyntaxExpression = { kind: 'cast', argument: number('0'), type: bigint, position: 0 };
  const before = (relation: string): SyntaxExpression => ({
    kind: 'indirection',
    argument: column(relation, SEQUENCE),
    steps: [{ kind: 'field', name: 'f1' }],
    position: 0,
  });
  return {
    column: sequenceColumn,
    first: (relation) => row(relation, columns, zero),
    next: (relation) => row(relation, columns, operator('+', before(relation), number('1'))),
  };
}

function markOf({ columns, markColumn, markValue, markDefault }: CycleClause): Added {
  return {
    column: markColumn,
    first: () => markDefault,
    next: (relation) => ({
      kind: 'case',
      operand: undefined,
      branches: [
        {
          when: {
            kind: 'quantified',
            name: '=',
            isAll: false,
            left: row(relation, columns),
            array: column(relation, PATH),
            position: 0,
          },
          then: markValue,
          position: 0,
        },
      ],
      otherwise: markDefault,
      position: 0,
    }),
  };
}

function pathOf({ columns, pathColumn }: CycleClause): Added {
  return {
    column: pathColumn,
    first: (relation) => ({ kind: 'array', elements: [row(relation, columns)], position: 0 }),
    next: (relation) => call('array_append', [column(relation, PATH), row(relation, columns)]),
  };
}

/** The right side with what it must hand on of the row that it comes from; rows in a cycle have no more rows. */
function withTrace(
  query: Query,
  name: string,
  { search, cycle }: { readonly search: SearchClause | undefined; readonly cycle: CycleClause | undefined },
): Query {
  const item = query.kind === 'select' ? directItem(query.from, name) : undefined;
  if (query.kind !== 'select' || item === undefined) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${name}" must be at the top level of its right-hand SELECT`,
    );
  }
  const handed = [search?.sequenceColumn, cycle?.pathColumn].flatMap((part): Target[] =>
    part === undefined ? [] : [{ alias: undefined, expression: column(item, part), position: 0 }],
  );
  const targets = [...query.targets, ...handed];
  if (cycle === undefined) return { ...query, targets };
  const isOpen = operator('<>', column(item, cycle.markColumn), cycle.markValue);
  const where: SyntaxExpression =
    query.where === undefined ? isOpen : { kind: 'and', arguments: [query.where, isOpen], position: 0 };
  return { ...query, targets, where };
}

/** What the table is called in FROM, by itself or in a join. */
function directItem(items: readonly FromItem[], name: string): string | undefined {
  for (const item of items) {
    if (item.kind === 'table' && item.relation.schema === undefined && item.relation.name === name) {
      return item.alias?.name ?? name;
    }
    const inside = item.kind === 'join' ? directItem([item.left, item.right], name) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** `SELECT the first columns, more FROM (query) AS relation (columns)`. */
function wrapped(
  query: Query,
  relation: string,
  columns: readonly string[],
  added: readonly (readonly [string, SyntaxExpression])[],
  shownCount = columns.length,
): SelectStatement {
  const shown = columns
    .slice(0, shownCount)
    .map((part): Target => ({ alias: part, expression: column(relation, part), position: 0 }));
  const more = added.map(([alias, expression]): Target => ({ alias, expression, position: 0 }));
  return {
    kind: 'select',
    distinct: 'none',
    targets: [...shown, ...more],
    from: [{ kind: 'subquery', query, isLateral: false, alias: { name: relation, columns }, position: 0 }],
    where: undefined,
    groupBy: [],
    having: undefined,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    values: undefined,
    position: 0,
  };
}

function column(relation: string, name: string): SyntaxExpression {
  return { kind: 'column', qualifier: [relation], name, position: 0 };
}

function row(relation: string, columns: readonly string[], ...before: readonly SyntaxExpression[]): SyntaxExpression {
  return { kind: 'row', elements: [...before, ...columns.map((name) => column(relation, name))], position: 0 };
}

function operator(name: string, left: SyntaxExpression, right: SyntaxExpression): SyntaxExpression {
  return { kind: 'operator', schema: undefined, name, left, right, position: 0 };
}

function call(name: string, operands: readonly SyntaxExpression[]): SyntaxExpression {
  return {
    kind: 'call',
    schema: 'pg_catalog',
    name,
    arguments: operands,
    isStar: false,
    isDistinct: false,
    filter: undefined,
    position: 0,
  };
}

function checkSearch({ columns, sequenceColumn, position }: SearchClause, known: readonly string[]): void {
  checkColumns('search', columns, known, position);
  if (known.includes(sequenceColumn)) throw alreadyUsed('search sequence', sequenceColumn, position);
}

function checkCycle({ columns, markColumn, pathColumn, position }: CycleClause, known: readonly string[]): void {
  checkColumns('cycle', columns, known, position);
  if (known.includes(markColumn)) throw alreadyUsed('cycle mark', markColumn, position);
  if (known.includes(pathColumn)) throw alreadyUsed('cycle path', pathColumn, position);
  if (markColumn === pathColumn) throw areSame('cycle mark', 'cycle path', position);
}

function checkBoth({ sequenceColumn, position }: SearchClause, { markColumn, pathColumn }: CycleClause): void {
  if (sequenceColumn === markColumn) throw areSame('search sequence', 'cycle mark', position);
  if (sequenceColumn === pathColumn) throw areSame('search sequence', 'cycle path', position);
}

function checkColumns(kind: string, columns: readonly string[], known: readonly string[], position: number): void {
  const seen = new Set<string>();
  for (const name of columns) {
    if (!known.includes(name)) {
      throw new SqlError(SqlState.SyntaxError, `${kind} column "${name}" not in WITH query column list`, { position });
    }
    if (seen.has(name)) {
      throw new SqlError(SqlState.DuplicateColumn, `${kind} column "${name}" specified more than once`, { position });
    }
    seen.add(name);
  }
}

function alreadyUsed(kind: string, name: string, position: number): SqlError {
  return new SqlError(SqlState.SyntaxError, `${kind} column name "${name}" already used in WITH query column list`, {
    position,
  });
}

function areSame(left: string, right: string, position: number): SqlError {
  return new SqlError(SqlState.SyntaxError, `${left} column name and ${right} column name are the same`, { position });
}
