import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isImplicitlyCoercible } from '../../functions/coercion.ts';
import { type RangeOffset, rangeOffsetsOf } from '../../functions/window/range-offset.ts';
import { isMultirange } from '../../types/multirange-type.ts';
import { isRange } from '../../types/range-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import { defaultFrame, type FrameBound, type WindowFrame } from '../plan/window-node.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { FrameBoundSyntax, FrameSyntax, WindowSyntax } from '../syntax/window-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { coerce, coerceArgument, type Operand, resolveUnknown } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf, writtenStartOf } from './expression-position.ts';
import { firstColumn } from './first-column.ts';
import { checkEquality, sortOrderOf } from './sort-order.ts';
import { int8Type, isUnknown } from './well-known-types.ts';

/** A window over the rows that the SELECT's expressions are bound over. */
export interface BoundWindow {
  readonly name: string | undefined;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: WindowFrame;
  /** A frame clause was written, which keeps other windows from building on this one. */
  readonly hasFrameClause: boolean;
}

/**
 * The definitions of a SELECT's windows, each of which may build on those before it. Throws 42P20 and its like as
 * PostgreSQL words them.
 */
export function bindWindows(context: ExpressionContext, definitions: readonly WindowSyntax[]): BoundWindow[] {
  const windows: BoundWindow[] = [];
  for (const definition of definitions) windows.push(bindWindow(context, definition, windows));
  return windows;
}

function bindWindow(context: ExpressionContext, syntax: WindowSyntax, known: readonly BoundWindow[]): BoundWindow {
  const { name, position } = syntax;
  if (name !== undefined && known.some((window) => window.name === name)) {
    throw windowingError(`window "${name}" is already defined`, position);
  }
  const base = syntax.base === undefined ? undefined : known.find((window) => window.name === syntax.base);
  if (syntax.base !== undefined && base === undefined) {
    throw new SqlError(SqlState.UndefinedObject, `window "${syntax.base}" does not exist`, { position });
  }
  const orderBy = bindOrder(context, syntax);
  const partitionBy = bindPartition(context, syntax.partitionBy);
  if (base !== undefined) checkBase(syntax, base);
  const order = base !== undefined && orderBy.length === 0 ? base.orderBy : orderBy;
  return {
    name,
    partitionBy: base?.partitionBy ?? partitionBy,
    orderBy: order,
    frame: syntax.frame === undefined ? defaultFrame : bindFrame(context, syntax.frame, order, position),
    hasFrameClause: syntax.frame !== undefined,
  };
}

/** What a window takes over from another it may not have itself. */
function checkBase(syntax: WindowSyntax, base: BoundWindow): void {
  const { position } = syntax;
  if (syntax.partitionBy.length > 0) {
    throw windowingError(`cannot override PARTITION BY clause of window "${base.name}"`, position);
  }
  if (syntax.orderBy.length > 0 && base.orderBy.length > 0) {
    throw windowingError(`cannot override ORDER BY clause of window "${base.name}"`, position);
  }
  if (!base.hasFrameClause) return;
  const isBare = syntax.name === undefined && syntax.orderBy.length === 0 && syntax.frame === undefined;
  throw windowingError(
    `cannot copy window "${base.name}" because it has a frame clause`,
    position,
    isBare ? 'Omit the parentheses in this OVER clause.' : undefined,
  );
}

/** Expressions here are expressions only: neither numbers nor names of the select list's items. */
function bindOrder(context: ExpressionContext, syntax: WindowSyntax): SortKey[] {
  const keys: SortKey[] = [];
  for (const item of syntax.orderBy) {
    const expression = bindKey(context, item.expression);
    const order = sortOrderOf(item, expression.type);
    if (!keys.some((key) => sameExpression(key.expression, expression))) keys.push({ expression, ...order });
  }
  return keys;
}

function bindPartition(context: ExpressionContext, items: readonly SyntaxExpression[]): Expression[] {
  const keys: Expression[] = [];
  for (const item of items) {
    const expression = bindKey(context, item);
    checkEquality(expression.type, writtenStartOf(item));
    if (!keys.some((key) => sameExpression(key, expression))) keys.push(expression);
  }
  return keys;
}

function bindKey(context: ExpressionContext, syntax: SyntaxExpression): Expression {
  return resolveUnknown(context.binding, bindOperand(context, syntax));
}

function bindFrame(
  context: ExpressionContext,
  syntax: FrameSyntax,
  orderBy: readonly SortKey[],
  position: number,
): WindowFrame {
  const { mode, exclusion } = syntax;
  const hasOffset = syntax.start.offset !== undefined || syntax.end.offset !== undefined;
  if (mode === 'range' && hasOffset && orderBy.length !== 1) {
    throw windowingError('RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column', position);
  }
  if (mode === 'groups' && orderBy.length === 0) {
    throw windowingError('GROUPS mode requires an ORDER BY clause', position);
  }
  const bound = (part: FrameBoundSyntax): FrameBound =>
    part.offset === undefined
      ? { kind: part.kind, offset: undefined, range: undefined }
      : { kind: part.kind, ...bindOffset(context, mode, part.offset, orderBy) };
  return { mode, start: bound(syntax.start), end: bound(syntax.end), exclusion };
}

function bindOffset(
  context: ExpressionContext,
  mode: FrameSyntax['mode'],
  syntax: SyntaxExpression,
  orderBy: readonly SortKey[],
): Pick<FrameBound, 'offset' | 'range'> {
  const word = mode.toUpperCase() as 'ROWS' | 'RANGE' | 'GROUPS';
  const own: ExpressionContext = {
    binding: context.binding,
    scope: context.scope,
    clause: `window ${word}`,
    aggregates: undefined,
  };
  const operand = bindOperand(own, syntax);
  const bound =
    mode === 'range'
      ? rangeOffset(context, operand, orderBy[0])
      : { offset: coerceArgument(context.binding, operand, int8Type, word), range: undefined };
  const column = firstColumn(bound.offset);
  if (column !== undefined) {
    throw new SqlError(SqlState.InvalidColumnReference, `argument of ${word} must not contain variables`, {
      position: context.binding.originOf(column)?.position ?? startOf(syntax),
    });
  }
  return bound;
}

function rangeOffset(
  { binding }: ExpressionContext,
  operand: Operand,
  key: SortKey,
): { offset: Expression; range: RangeOffset } {
  const sortType = key.expression.type.definition;
  const offsetType = operand.expression.type.definition;
  const position = startOf(operand.syntax);
  const subject = `RANGE with offset PRECEDING/FOLLOWING`;
  const candidates = rangeOffsetsOf(sortType);
  if (candidates.length === 0) {
    throw notSupportedAs(`${subject} is not supported for column type ${orderedAs(sortType)}`, position);
  }
  const types = `for column type ${sortType.sqlName} and offset type ${offsetType.sqlName}`;
  const fitting = candidates.filter((candidate) => isImplicitlyCoercible(offsetType, candidate.offsetType));
  const preferred = isUnknown(operand.expression.type) ? sortType : offsetType;
  const chosen = fitting.find((candidate) => candidate.offsetType === preferred) ?? fitting.at(-1);
  if (chosen === undefined) {
    throw notSupportedAs(
      `${subject} is not supported ${types}`,
      position,
      'Cast the offset value to an appropriate type.',
    );
  }
  if (fitting.length > 1 && chosen.offsetType !== preferred) {
    throw notSupportedAs(
      `${subject} has multiple interpretations ${types}`,
      position,
      'Cast the offset value to the exact intended type.',
    );
  }
  const offset = coerce(binding, operand, sqlType(chosen.offsetType), 'implicit');
  if (offset === undefined) throw notSupported(subject, position);
  return { offset, range: chosen };
}

/** The type whose order sorts values of `type`, as messages name it. */
function orderedAs(type: TypeDefinition): string {
  if (type.category === 'A') return 'anyarray';
  if (type.category === 'E') return 'anyenum';
  if (isRange(type)) return 'anyrange';
  if (isMultirange(type)) return 'anymultirange';
  return type.name === 'varchar' ? 'text' : type.sqlName;
}

function notSupportedAs(message: string, position: number, hint?: string): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message, { position, hint });
}

function windowingError(message: string, position: number, hint?: string): SqlError {
  return new SqlError(SqlState.WindowingError, message, { position, hint });
}
