import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertQuery } from './convert-query.ts';
import type { CloseCursorStatement, DeclareCursorStatement, FetchStatement } from './session-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** The parser's bits. ASENSITIVE (16) is what every cursor is; 256 is a hint for planners. */
const Option = { Binary: 1, Scroll: 2, NoScroll: 4, Insensitive: 8, Asensitive: 16, Hold: 32 } as const;

/** What the parser says for ALL. */
const ALL = 0x7fffffff;

export function convertDeclareCursor(node: TreeNode): DeclareCursorStatement {
  const name = node.text('portalname') ?? '';
  const options = node.integer('options');
  const has = (option: number): boolean => (options & option) !== 0;
  const isScroll = has(Option.Scroll) ? true : has(Option.NoScroll) ? false : undefined;
  if (has(Option.Scroll) && has(Option.NoScroll)) throw bothOf('SCROLL', 'NO SCROLL');
  if (has(Option.Asensitive) && has(Option.Insensitive)) throw bothOf('ASENSITIVE', 'INSENSITIVE');
  const query = node.required('query');
  if (query.kind !== 'SelectStmt') throw query.refusal('a cursor of anything but a query');
  const statement: DeclareCursorStatement = {
    kind: 'declare-cursor',
    name,
    query: convertQuery(query),
    isBinary: has(Option.Binary),
    isScroll,
    isInsensitive: has(Option.Insensitive),
    isHold: has(Option.Hold),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function bothOf(one: string, other: string): SqlError {
  return new SqlError(SqlState.InvalidCursorDefinition, `cannot specify both ${one} and ${other}`);
}

const DIRECTIONS: Readonly<Record<string, FetchStatement['direction']>> = {
  FETCH_FORWARD: 'forward',
  FETCH_BACKWARD: 'backward',
  FETCH_ABSOLUTE: 'absolute',
  FETCH_RELATIVE: 'relative',
};

/** FETCH and MOVE: NEXT, PRIOR, FIRST, LAST and their like are counts in one of four directions. */
export function convertFetch(node: TreeNode): FetchStatement {
  const direction = node.choice('direction', DIRECTIONS);
  const howMany = node.integer('howMany');
  const name = node.text('portalname') ?? '';
  const isMove = node.flag('ismove');
  // PostgreSQL 18 notes the word that was written.
  node.skip('direction_keyword');
  node.finish();
  const count = howMany === ALL ? Number.POSITIVE_INFINITY : howMany;
  return { kind: 'fetch', name, isMove, direction, count, position: node.context.statementPosition };
}

export function convertCloseCursor(node: TreeNode): CloseCursorStatement {
  const name = node.text('portalname');
  node.finish();
  return { kind: 'close-cursor', name, position: node.context.statementPosition };
}
