import type { Column } from '../../columnar/column.ts';
import { textOf, wideAt } from '../../columnar/column.ts';
import { invariant, unreachable } from '../../errors/invariant.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import { isRecordType } from '../../types/record-type.ts';
import type { Representation } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { arrayElement, arraySlice } from './array-subscripts.ts';
import type { EvaluationContext } from './compile-expression.ts';
import { emitBucket } from './emit-bucket.ts';
import { emitCase, emitCoalesce, emitExtreme, emitLogic, emitNullIf } from './emit-conditional.ts';
import { emitInConstants, emitInList } from './emit-in-list.ts';
import { and, notNull, or, startValue } from './emit-source.ts';
import type { CallExpression, Expression, SubqueryExpression, TextCastExpression } from './expression.ts';
import {
  compareWithArray,
  DictionaryMemo,
  fieldOf,
  MEMO_NULL,
  MEMO_TRUE,
  MEMO_VALUE,
  makeArray,
  makeNestedArray,
  makeRecord,
  testRecordNull,
} from './expression-runtime.ts';
import { PENDING } from './subquery-source.ts';
import { childrenOf, columnsUsed, someExpression } from './walk-expression.ts';

/**
 * Source of one value: `value` is a name or a pure expression, `isNull` likewise, undefined when it is never NULL.
 * Where `isNull` is true, `value` is meaningless.
 */
export interface Operand {
  readonly value: string;
  readonly isNull: string | undefined;
}

/** How a column of a batch is laid out, as far as the generated code depends on it. */
export interface ColumnShape {
  readonly kind: Column['kind'];
  readonly hasNulls: boolean;
}

/**
 * Writes the body of a loop over the rows `i` of a batch. Evaluation is row by row, so that CASE, COALESCE, AND and OR
 * evaluate (and raise) no more than PostgreSQL would. The environment is `e`, the parameters are `p`, columns are
 * `columns[index]`; everything else is captured by position in `k`.
 */
export class ExpressionEmitter {
  readonly captured: unknown[] = [];
  readonly #captures: string[] = [];
  readonly #preamble: string[] = [];
  readonly #shapeOf: (index: number) => ColumnShape;
  readonly #context: EvaluationContext;
  readonly #fetched = new Map<SubqueryExpression, Operand>();
  readonly #declared = new Set<string>();
  readonly #columnOperands = new Map<number, Operand>();
  #lines: string[] = [];
  #names = 0;
  #isLifting = false;

  constructor(shapeOf: (index: number) => ColumnShape, context: EvaluationContext) {
    this.#shapeOf = shapeOf;
    this.#context = context;
  }

  /** Declarations of the captured arguments, made once per compiled expression. */
  get captures(): string {
    return this.#captures.join('\n');
  }

  /** Statements that stand before the loop, run once per batch. */
  get preamble(): string {
    return this.#preamble.join('\n');
  }

  /** The statements written since the last call. */
  takeLines(): string {
    const lines = this.#lines.join('\n');
    this.#lines = [];
    return lines;
  }

  line(source: string): void {
    this.#lines.push(source);
  }

  /** A captured argument: functions, types, literals, sets. */
  capture(value: unknown): string {
    this.captured.push(value);
    const name = `k${this.captured.length - 1}`;
    this.#captures.push(`const ${name} = k[${this.captured.length - 1}];`);
    return name;
  }

  emit(expression: Expression): Operand {
    const lifted = this.#emitLifted(expression);
    if (lifted !== undefined) return lifted;
    switch (expression.kind) {
      case 'constant':
        return this.#emitConstant(expression.value);
      case 'column':
        return this.#emitColumn(expression.index);
      case 'parameter':
        return this.#emitParameter(expression.index);
      case 'correlated':
        return this.#emitCorrelated(expression.slot);
      case 'subquery':
        return this.#emitSubquery(expression);
      case 'relabel':
        return this.emit(expression.argument);
      case 'call':
        return this.#emitCall(expression);
      case 'text-cast':
        return this.#emitTextCast(expression);
      case 'and':
      case 'or':
        return emitLogic(this, expression.arguments, expression.kind === 'or');
      case 'not': {
        const argument = this.emit(expression.argument);
        return { value: `!${argument.value}`, isNull: argument.isNull };
      }
      case 'null-test': {
        if (isRecordType(expression.argument.type.definition)) {
          const row = this.nullable(this.emit(expression.argument));
          const result = this.newName();
          this.line(`const ${result} = ${this.capture(testRecordNull)}(${row}, ${expression.isNegated});`);
          return { value: result, isNull: undefined };
        }
        const { isNull } = this.emit(expression.argument);
        const test = isNull ?? 'false';
        return { value: expression.isNegated ? `!(${test})` : `(${test})`, isNull: undefined };
      }
      case 'boolean-test': {
        const { value, isNull } = this.emit(expression.argument);
        const test =
          expression.test === 'unknown'
            ? `(${isNull ?? 'false'})`
            : `(${and(notNull(isNull), expression.test === 'true' ? value : `!${value}`)})`;
        return { value: expression.isNegated ? `!${test}` : test, isNull: undefined };
      }
      case 'distinct-test':
        return this.#emitDistinctTest(expression);
      case 'case':
        return emitCase(this, expression);
      case 'coalesce':
        return emitCoalesce(this, expression);
      case 'nullif':
        return emitNullIf(this, expression);
      case 'greatest':
      case 'least':
        return emitExtreme(this, expression);
      case 'in-list':
        return emitInList(this, expression);
      case 'in-constants':
        return emitInConstants(this, expression);
      case 'array-comparison': {
        const left = this.nullable(this.emit(expression.left));
        const array = this.emit(expression.array);
        const environment = expression.operator.usesEnvironment === true ? 'e' : 'undefined';
        const call = `${this.capture(compareWithArray)}(${this.capture(expression.operator)}, ${environment}, ${left}, ${array.value}, ${expression.isAll})`;
        const result = this.newName();
        this.line(`const ${result} = ${array.isNull === undefined ? call : `(${array.isNull}) ? null : ${call}`};`);
        return { value: result, isNull: `(${result} === null)` };
      }
      case 'array': {
        const elements = expression.elements.map((element) => this.nullable(this.emit(element)));
        const result = this.newName();
        const make = expression.elementType.category === 'A' ? makeNestedArray : makeArray;
        this.line(`const ${result} = ${this.capture(make)}([${elements.join(', ')}]);`);
        return { value: result, isNull: undefined };
      }
      case 'row': {
        const isAbsent = expression.presence === undefined ? undefined : this.emit(expression.presence).isNull;
        const elements = expression.elements.map((element) => this.nullable(this.emit(element)));
        const result = this.newName();
        const fields = this.capture(expression.type.definition.fields);
        const made = `${this.capture(makeRecord)}(${fields}, [${elements.join(', ')}])`;
        this.line(`const ${result} = ${isAbsent === undefined ? made : `(${isAbsent}) ? null : ${made}`};`);
        return { value: result, isNull: isAbsent === undefined ? undefined : `(${result} === null)` };
      }
      case 'field': {
        const row = this.nullable(this.emit(expression.argument));
        const result = this.newName();
        this.line(`const ${result} = ${this.capture(fieldOf)}(${row}, ${expression.index});`);
        return { value: result, isNull: `(${result} === null)` };
      }
      case 'subscript': {
        const array = this.nullable(this.emit(expression.argument));
        const bounds = expression.bounds.map((bound) => this.nullable(this.emit(bound)));
        const result = this.newName();
        const read =
          expression.slices === undefined
            ? `${this.capture(arrayElement)}(${array}, [${bounds.join(', ')}])`
            : `${this.capture(arraySlice)}(${array}, ${this.capture(expression.slices)}, [${bounds.join(', ')}])`;
        this.line(`const ${result} = ${read};`);
        return { value: result, isNull: `(${result} === null)` };
      }
      default:
        return unreachable(expression);
    }
  }

  /**
   * An expression that reads one dictionary column and nothing else that changes is computed once per code and then
   * looked up (`DictionaryMemo`).
   */
  #emitLifted(expression: Expression): Operand | undefined {
    if (this.#isLifting || isTrivial(expression)) return undefined;
    const columns = columnsUsed(expression);
    if (columns.length !== 1) return undefined;
    const index = columns[0];
    const shape = this.#shapeOf(index);
    if (shape.kind !== 'dictionary' || someExpression(expression, isVolatile)) return undefined;

    const isBoolean = expression.type.definition.representation === 'boolean';
    const memo = this.capture(new DictionaryMemo());
    const states = this.newName();
    const slot = this.newName();
    const state = this.newName();
    this.#declareColumn(index);
    this.#preamble.push(`const ${states} = ${memo}.statesFor(columns[${index}].dictionary);`);
    this.line(`const ${slot} = ${shape.hasNulls ? `m${index}[i] === 0 ? 0 : c${index}[i] + 1` : `c${index}[i] + 1`};`);
    this.line(`let ${state} = ${states}[${slot}];`);
    this.line(`if (${state} === 0) {`);
    this.#isLifting = true;
    this.#columnOperands.set(index, {
      value: `d${index}[${slot} - 1]`,
      isNull: shape.hasNulls ? `(${slot} === 0)` : undefined,
    });
    const { value, isNull } = this.emit(expression);
    this.#columnOperands.delete(index);
    this.#isLifting = false;
    const present = isBoolean ? `(${value} ? ${MEMO_TRUE} : ${MEMO_VALUE})` : `${MEMO_VALUE}`;
    this.line(`${state} = ${isNull === undefined ? present : `(${isNull}) ? ${MEMO_NULL} : ${present}`};`);
    if (!isBoolean) this.line(`${memo}.values[${slot}] = ${value};`);
    this.line(`${states}[${slot}] = ${state}; }`);
    return {
      value: isBoolean ? `(${state} === ${MEMO_TRUE})` : `${memo}.values[${slot}]`,
      isNull: `(${state} === ${MEMO_NULL})`,
    };
  }

  #emitConstant(value: Value): Operand {
    if (value === null) return { value: 'null', isNull: 'true' };
    if (typeof value === 'boolean') return { value: `${value}`, isNull: undefined };
    return { value: this.capture(value), isNull: undefined };
  }

  #emitParameter(index: number): Operand {
    const name = `p${index}`;
    if (!this.#declared.has(name)) {
      this.#declared.add(name);
      this.#preamble.push(`const ${name} = p[${index}];`);
    }
    return { value: name, isNull: `(${name} === null)` };
  }

  #emitCorrelated(slot: number): Operand {
    const name = `s${slot}`;
    if (!this.#declared.has(name)) {
      this.#declared.add(name);
      const { slots } = this.#context;
      invariant(slots !== undefined, 'what is around a correlated plan has set its slots');
      this.#preamble.push(`const ${name} = ${this.capture(slots)}[${slot}];`);
    }
    return { value: name, isNull: `(${name} === null)` };
  }

  /**
   * Looks all subqueries of an expression up before anything of it is computed: beside a call that counts (nextval) a row
   * must not be computed twice.
   */
  fetchSubqueries(expression: Expression): void {
    if (expression.kind === 'subquery' && !childrenOf(expression).some((child) => someExpression(child, countsCalls))) {
      this.#fetched.set(expression, this.#emitSubquery(expression));
      return;
    }
    for (const child of childrenOf(expression)) this.fetchSubqueries(child);
  }

  /** A row whose result is not there yet is left; the loop runs again when it is. */
  #emitSubquery(expression: SubqueryExpression): Operand {
    const known = this.#fetched.get(expression);
    if (known !== undefined) return known;
    const { subqueries } = this.#context;
    invariant(subqueries !== undefined, 'subqueries run where plans are executed');
    const inputs = childrenOf(expression).map((child) => this.nullable(this.emit(child)));
    const lookup = this.capture(subqueries.lookupOf(expression, this.#context));
    const result = this.newName();
    this.line(`const ${result} = ${lookup}.valueOf(i, [${inputs.join(', ')}]);`);
    this.line(`if (${result} === ${this.capture(PENDING)}) continue rows;`);
    return { value: result, isNull: `(${result} === null)` };
  }

  #emitColumn(index: number): Operand {
    const bound = this.#columnOperands.get(index);
    if (bound !== undefined) return bound;
    const shape = this.#shapeOf(index);
    this.#declareColumn(index);
    const isNull = shape.hasNulls ? `(m${index}[i] === 0)` : undefined;
    switch (shape.kind) {
      case 'number':
      case 'value':
        return { value: `c${index}[i]`, isNull };
      case 'boolean':
        return { value: `(c${index}[i] === 1)`, isNull };
      case 'dictionary':
        return { value: `d${index}[c${index}[i]]`, isNull };
      case 'wide':
      case 'bytes': {
        const read = this.capture(shape.kind === 'wide' ? wideAt : textOf);
        const name = this.newName();
        this.line(`const ${name} = ${read}(columns[${index}], i);`);
        return { value: name, isNull };
      }
      default:
        return unreachable(shape.kind);
    }
  }

  #declareColumn(index: number): void {
    const name = `c${index}`;
    if (this.#declared.has(name)) return;
    this.#declared.add(name);
    const shape = this.#shapeOf(index);
    if (shape.kind === 'dictionary') {
      this.#preamble.push(`const c${index} = columns[${index}].codes;`);
      this.#preamble.push(`const d${index} = columns[${index}].dictionary.strings();`);
    } else if (shape.kind !== 'wide' && shape.kind !== 'bytes') {
      this.#preamble.push(`const c${index} = columns[${index}].values;`);
    }
    if (shape.hasNulls) this.#preamble.push(`const m${index} = columns[${index}].validity;`);
  }

  #emitCall(expression: CallExpression): Operand {
    const { function: callee } = expression;
    const bucket = emitBucket(this, expression, this.#context);
    if (bucket !== undefined) return bucket;
    const operands = expression.arguments.map((argument) => this.emit(argument));
    if (callee.handlesNull === true) {
      const values = operands.map((operand) => this.nullable(operand));
      const result = this.newName();
      this.line(`const ${result} = ${this.evaluation(callee, ...values)};`);
      return { value: result, isNull: `(${result} === null)` };
    }
    const anyNull = or(...operands.map((operand) => operand.isNull));
    const values = operands.map((operand) => operand.value);
    if (callee.inline !== undefined && !callee.mayThrow) {
      const result = this.newName();
      this.line(`const ${result} = ${callee.inline(...values)};`);
      return { value: result, isNull: anyNull };
    }
    const call = this.evaluation(callee, ...values);
    const fast = callee.guardedInline;
    if (fast === undefined) return this.#guarded(call, anyNull, expression.type.definition.representation);
    const result = this.newName();
    const areNumbers = expression.arguments
      .map((argument, at) =>
        argument.type.definition.representation === 'int64' ? `typeof ${values[at]} === 'number'` : '',
      )
      .filter((test) => test !== '');
    this.line(`let ${result} = 0;`);
    this.line(`${anyNull === undefined ? '' : `if (!(${anyNull}))`} {`);
    this.line(areNumbers.length === 0 ? '{' : `if (${areNumbers.join(' && ')}) {`);
    this.line(`${result} = ${fast.source(...values)};`);
    this.line(`if (!(${fast.holds(result, ...values)})) ${result} = ${call}; }`);
    this.line(areNumbers.length === 0 ? '}' : `else ${result} = ${call}; }`);
    return { value: result, isNull: anyNull };
  }

  /** `call` unless `anyNull`; a start value of the right kind keeps the variable unboxed. */
  #guarded(call: string, anyNull: string | undefined, representation: Representation): Operand {
    const result = this.newName();
    if (anyNull === undefined) {
      this.line(`const ${result} = ${call};`);
      return { value: result, isNull: `(${result} === null)` };
    }
    const isNull = this.newName();
    this.line(`let ${result} = ${startValue(representation)}, ${isNull} = ${anyNull};`);
    this.line(`if (!${isNull}) { ${result} = ${call}; ${isNull} = ${result} === null; }`);
    return { value: result, isNull };
  }

  #emitTextCast(expression: TextCastExpression): Operand {
    const argument = this.emit(expression.argument);
    const source = expression.argument.type.definition;
    const target = expression.type;
    const format =
      source.representation === 'text' && source.name !== 'char'
        ? argument.value
        : `${this.capture(source)}.format(${argument.value}, e.typeContext)`;
    const parse = `${this.capture(target.definition)}.parse(${format}, e.typeContext, ${target.typmod})`;
    const fitted =
      target.typmod === -1 ? parse : `${this.capture(applyTypmod)}(${parse}, ${this.capture(target)}, true)`;
    return this.#guarded(fitted, argument.isNull, target.definition.representation);
  }

  #emitDistinctTest(expression: Extract<Expression, { kind: 'distinct-test' }>): Operand {
    const left = this.emit(expression.left);
    const right = this.emit(expression.right);
    const result = this.newName();
    const equals = this.evaluation(expression.equals, left.value, right.value);
    const leftNull = left.isNull ?? 'false';
    const rightNull = right.isNull ?? 'false';
    this.line(`const ${result} = (${leftNull}) || (${rightNull}) ? (${leftNull}) === (${rightNull}) : ${equals};`);
    return { value: expression.isNegated ? result : `!${result}`, isNull: undefined };
  }

  /** The source of a call of `callee`, which is given the environment when it asks for it. */
  evaluation(callee: ScalarFunction, ...values: readonly string[]): string {
    const given = callee.usesEnvironment === true ? ['e', ...values] : values;
    return `${this.capture(callee.evaluate)}(${given.join(', ')})`;
  }

  /** One source that is the value or null. */
  nullable(operand: Operand): string {
    return operand.isNull === undefined ? operand.value : `((${operand.isNull}) ? null : ${operand.value})`;
  }

  newName(): string {
    this.#names += 1;
    return `v${this.#names}`;
  }
}

function isTrivial(expression: Expression): boolean {
  if (expression.kind === 'relabel' || expression.kind === 'null-test') return isTrivial(expression.argument);
  return expression.kind === 'column' || expression.kind === 'constant' || expression.kind === 'parameter';
}

function isVolatile(expression: Expression): boolean {
  if (expression.kind === 'subquery') return expression.isVolatile;
  return expression.kind === 'call' && expression.function.volatility === 'volatile';
}

/** Whether the number of calls shows in their results. */
export function countsCalls(expression: Expression): boolean {
  return expression.kind === 'call' && expression.function.countsCalls === true;
}
