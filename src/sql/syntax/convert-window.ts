import { convertExpression } from './convert-expression.ts';
import { convertOrderItem } from './convert-order-item.ts';
import type { TreeNode } from './tree-node.ts';
import type {
  FrameBoundSyntax,
  FrameExclusion,
  FrameMode,
  FrameSyntax,
  WindowName,
  WindowSyntax,
} from './window-ast.ts';

/** The parser's frame options: bits of one number. */
const WRITTEN = 0x1;
const RANGE = 0x2;
const ROWS = 0x4;
const START_UNBOUNDED = 0x20;
const END_UNBOUNDED = 0x100;
const START_CURRENT_ROW = 0x200;
const END_CURRENT_ROW = 0x400;
const START_PRECEDING = 0x800;
const END_PRECEDING = 0x1000;
const EXCLUDE_CURRENT_ROW = 0x8000;
const EXCLUDE_GROUP = 0x10000;
const EXCLUDE_TIES = 0x20000;

/** What stands after OVER: a name, or a definition in parentheses. */
export function convertOver(node: TreeNode): WindowSyntax | WindowName {
  if (node.has('name')) {
    const name = node.text('name') ?? '';
    node.skip('frameOptions');
    node.finish();
    return { kind: 'window-name', name, position: node.position };
  }
  return convertWindow(node);
}

/** A definition of the WINDOW clause or in parentheses after OVER. */
export function convertWindow(node: TreeNode): WindowSyntax {
  const window: WindowSyntax = {
    kind: 'window',
    name: node.text('name'),
    base: node.text('refname'),
    partitionBy: node.nodes('partitionClause').map(convertExpression),
    orderBy: node.nodes('orderClause').map(convertOrderItem),
    frame: convertFrame(node),
    position: node.position,
  };
  node.finish();
  return window;
}

function convertFrame(node: TreeNode): FrameSyntax | undefined {
  const options = node.integer('frameOptions');
  if ((options & WRITTEN) === 0) return undefined;
  const mode: FrameMode = (options & RANGE) !== 0 ? 'range' : (options & ROWS) !== 0 ? 'rows' : 'groups';
  return {
    mode,
    start: convertBound(node, 'startOffset', options, [START_UNBOUNDED, START_CURRENT_ROW, START_PRECEDING]),
    end: convertBound(node, 'endOffset', options, [END_UNBOUNDED, END_CURRENT_ROW, END_PRECEDING]),
    exclusion: exclusionOf(options),
  };
}

function convertBound(
  node: TreeNode,
  field: 'startOffset' | 'endOffset',
  options: number,
  [unbounded, currentRow, preceding]: readonly [number, number, number],
): FrameBoundSyntax {
  if ((options & unbounded) !== 0) return { kind: 'unbounded', offset: undefined };
  if ((options & currentRow) !== 0) return { kind: 'current-row', offset: undefined };
  const offset = convertExpression(node.required(field));
  return { kind: (options & preceding) !== 0 ? 'preceding' : 'following', offset };
}

function exclusionOf(options: number): FrameExclusion {
  if ((options & EXCLUDE_CURRENT_ROW) !== 0) return 'current-row';
  if ((options & EXCLUDE_GROUP) !== 0) return 'group';
  return (options & EXCLUDE_TIES) !== 0 ? 'ties' : 'none';
}
