import type { Statement } from './ast.ts';
import type { Assignment } from './data-modification-ast.ts';
import type { LiteralSyntax, OperatorSyntax, SyntaxExpression } from './expression-ast.ts';
import type { FromItem } from './from-ast.ts';
import type { Query, WithClause } from './query-ast.ts';
import type { ScannedLiteral } from './scan-literals.ts';

/** A literal that has become `$n`. */
export interface AutomaticParameter {
  /** Its place among the literals of the text. */
  readonly literal: number;
  /** A minus sign stands before the number. */
  readonly isNegative: boolean;
}

export interface ParameterizedStatement {
  /** With parameters in the place of some literals, at their positions. */
  readonly statement: Statement;
  /** Those of `$1`, `$2` … */
  readonly parameters: readonly AutomaticParameter[];
}

/** More items than these are looked up in other ways than one by one. */
const MAX_LIST_ITEMS = 16;
const MAX_VALUES_ROWS = 4;

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '!=', '<', '<=', '>', '>=']);
const SHIFTS: ReadonlySet<string> = new Set(['+', '-']);

/** Kinds of literals that are found in a text by themselves. */
const VARYING_LITERALS: ReadonlySet<LiteralSyntax['type']> = new Set(['integer', 'decimal', 'string']);

/** Types whose values are constants wherever they stand: no names of objects, no modifiers. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'date',
  'float4',
  'float8',
  'int2',
  'int4',
  'int8',
  'interval',
  'numeric',
  'text',
  'timestamp',
  'timestamptz',
  'uuid',
]);

/**
 * A statement with parameters for those of its literals that are values and nothing else: what columns are compared with in
 * WHERE and ON, and what is stored in them. Where a literal may decide more than a value (ordinals, names and types of
 * columns, what is grouped by, arguments of functions) it stays. Undefined when no literal is left out.
 */
export function withAutomaticParameters(
  statement: Statement,
  text: string,
  literals: readonly ScannedLiteral[],
): ParameterizedStatement | undefined {
  const places = new ValuePlaces();
  places.visitStatement(statement);
  const parameters: AutomaticParameter[] = [];
  const replacements = new Map<object, object>();
  for (const syntax of places.found) {
    const parameter = parameterOf(syntax, text, literals);
    if (parameter === undefined) continue;
    parameters.push(parameter);
    replacements.set(syntax, { kind: 'parameter', number: parameters.length, position: syntax.position });
  }
  if (parameters.length === 0) return undefined;
  return { statement: replaced(statement, replacements) as Statement, parameters };
}

/** Undefined when the tree's literal is none that the scan has found. */
function parameterOf(
  { value, position, type }: LiteralSyntax,
  text: string,
  literals: readonly ScannedLiteral[],
): AutomaticParameter | undefined {
  const isNegative = type !== 'string' && value.startsWith('-');
  const from = position - 1;
  const literal = literals.findIndex(({ start }) => start >= from);
  const found = literals[literal];
  if (found === undefined || !(isNegative ? isMinus(text.slice(from, found.start)) : found.start === from)) {
    return undefined;
  }
  const digits = isNegative ? value.slice(1) : value;
  const isSame =
    type === 'integer' && found.kind !== 'string' && found.kind !== 'decimal'
      ? BigInt(digits) === BigInt(found.value)
      : digits === found.value && type === (found.kind === 'string' ? 'string' : 'decimal');
  return isSame ? { literal, isNegative } : undefined;
}

function isMinus(text: string): boolean {
  return text.trimEnd() === '-';
}

/** The tree with other objects in the place of some; what holds none of them stays the same object. */
function replaced(node: unknown, replacements: ReadonlyMap<object, object>): unknown {
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
  const replacement = replacements.get(node);
  if (replacement !== undefined) return replacement;
  if (Array.isArray(node)) {
    const items = node.map((item) => replaced(item, replacements));
    return items.some((item, at) => item !== node[at]) ? items : node;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(node)) {
    const now = replaced(value, replacements);
    if (now === value) continue;
    changed ??= { ...node };
    changed[key] = now;
  }
  return changed ?? node;
}

/** Literals that stand where only their value counts. */
class ValuePlaces {
  readonly found: LiteralSyntax[] = [];

  visitStatement(statement: Statement): void {
    switch (statement.kind) {
      case 'select':
      case 'set-operation':
        this.#visitQuery(statement);
        return;
      case 'insert':
        this.#visitWith(statement.with);
        if (statement.source?.kind === 'select' && statement.source.values !== undefined) {
          this.#visitRows(statement.source.values);
        } else if (statement.source !== undefined) this.#visitQuery(statement.source);
        return;
      case 'update':
        this.#visitWith(statement.with);
        for (const assignment of statement.assignments) this.#visitAssignment(assignment);
        for (const item of statement.from) this.#visitFrom(item);
        this.#visitCondition(statement.where);
        return;
      case 'delete':
        this.#visitWith(statement.with);
        this.#visitCondition(statement.where);
        return;
    }
  }

  #visitQuery(query: Query): void {
    this.#visitWith(query.with);
    if (query.kind === 'set-operation') {
      this.#visitQuery(query.left);
      this.#visitQuery(query.right);
      return;
    }
    for (const item of query.from) this.#visitFrom(item);
    this.#visitCondition(query.where);
  }

  #visitWith(clause: WithClause | undefined): void {
    for (const { statement } of clause?.tables ?? []) this.visitStatement(statement);
  }

  #visitFrom(item: FromItem): void {
    if (item.kind === 'subquery') this.#visitQuery(item.query);
    if (item.kind !== 'join') return;
    this.#visitFrom(item.left);
    this.#visitFrom(item.right);
    this.#visitCondition(item.on);
  }

  /** Many rows are a load, which has other ways. */
  #visitRows(rows: readonly (readonly SyntaxExpression[])[]): void {
    if (rows.length > MAX_VALUES_ROWS) return;
    for (const row of rows) for (const value of row) this.#visitValue(value);
  }

  #visitAssignment({ values, targets }: Assignment): void {
    if (targets.some(({ steps }) => steps.length > 0)) return;
    for (const value of values) {
      this.#visitValue(value);
      if (value.kind === 'operator') this.#visitShift(value);
    }
  }

  #visitCondition(condition: SyntaxExpression | undefined): void {
    if (condition === undefined) return;
    switch (condition.kind) {
      case 'and':
      case 'or':
        for (const argument of condition.arguments) this.#visitCondition(argument);
        return;
      case 'not':
        this.#visitCondition(condition.argument);
        return;
      case 'operator':
        if (condition.schema !== undefined || !COMPARISONS.has(condition.name) || condition.left === undefined) return;
        if (!readsRows(condition.left) && !readsRows(condition.right)) return;
        this.#visitOperand(condition.left);
        this.#visitOperand(condition.right);
        return;
      case 'between':
        if (!readsRows(condition.argument)) return;
        this.#visitOperand(condition.low);
        this.#visitOperand(condition.high);
        return;
      case 'in':
        if (!readsRows(condition.argument) || condition.list.length > MAX_LIST_ITEMS) return;
        for (const item of condition.list) this.#visitOperand(item);
        return;
      case 'subquery':
        if (condition.form === 'exists') this.#visitQuery(condition.query);
        return;
      case 'subquery-comparison':
        this.#visitQuery(condition.query);
        return;
    }
  }

  /** One side of a comparison. */
  #visitOperand(operand: SyntaxExpression): void {
    this.#visitValue(operand);
    if (operand.kind === 'operator') this.#visitShift(operand);
    if (operand.kind === 'subquery' && operand.form === 'scalar') this.#visitQuery(operand.query);
  }

  /** `column + 5`, `now() - interval '1 hour'`. */
  #visitShift({ schema, name, left, right }: OperatorSyntax): void {
    if (schema !== undefined || !SHIFTS.has(name) || left === undefined) return;
    const isMoment = left.kind === 'call' && left.name === 'now' && left.arguments.length === 0;
    if (isMoment || readsRows(left)) this.#visitValue(right);
  }

  #visitValue(expression: SyntaxExpression): void {
    if (expression.kind === 'literal') {
      if (VARYING_LITERALS.has(expression.type)) this.found.push(expression);
      return;
    }
    if (expression.kind !== 'cast' || expression.argument.kind !== 'literal') return;
    const { type, argument } = expression;
    if (argument.type !== 'string' || type.arrayDimensions > 0 || type.modifiers.length > 0) return;
    if (PLAIN_TYPES.has(type.name) && (type.schema ?? 'pg_catalog') === 'pg_catalog') this.found.push(argument);
  }
}

/** Whether an expression can have another value for each row. */
function readsRows(expression: SyntaxExpression): boolean {
  switch (expression.kind) {
    case 'column':
      return true;
    case 'cast':
      return readsRows(expression.argument);
    case 'operator':
      return readsRows(expression.right) || (expression.left !== undefined && readsRows(expression.left));
    case 'call':
    case 'coalesce':
    case 'greatest':
    case 'least':
      return expression.arguments.some(readsRows);
    default:
      return false;
  }
}
