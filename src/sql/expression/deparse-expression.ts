import { unreachable } from '../../errors/invariant.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { formatType } from '../../types/format-type.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { SqlType, TypeContext } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { deparseWords } from './deparse-words.ts';
import type {
  CallExpression,
  CaseExpression,
  Expression,
  InListExpression,
  RelabelExpression,
  TextCastExpression,
} from './expression.ts';
import { operatorOf } from './operator-of.ts';

/** What names and values look like. The defaults read back the same in any session. */
export interface DeparseOptions {
  readonly typeContext?: TypeContext;
  /** A type as it must be written where the text is read. */
  readonly typeName?: (type: SqlType) => string;
}

const CASE_INDENT = 4;
/** No text of SQL has a NUL: it marks where a line ends, and blanks before it go. */
const LINE_BREAK = / *\0/g;

/**
 * SQL that is bound to the same expression again, in the form of PostgreSQL's pg_get_expr: all operators in parentheses,
 * constants with their types, casts that nobody wrote left out. `columnNames[i]` is the name of column i. Expressions
 * over parameters have no such form.
 */
export function deparseExpression(
  expression: Expression,
  columnNames: readonly string[],
  options: DeparseOptions = {},
): string {
  const text = new Deparser(columnNames, options).text(expression, false);
  return text.replace(LINE_BREAK, '\n');
}

class Deparser {
  readonly #columnNames: readonly string[];
  readonly #typeContext: TypeContext;
  readonly #typeName: (type: SqlType) => string;
  #indent = 0;

  constructor(columnNames: readonly string[], { typeContext = neutralContext, typeName = formatType }: DeparseOptions) {
    this.#columnNames = columnNames;
    this.#typeContext = typeContext;
    this.#typeName = typeName;
  }

  /** `showsCasts`: casts that nobody wrote are written out, where they decide which operator or function is meant. */
  text(expression: Expression, showsCasts: boolean): string {
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.value, expression.type, { isLabelled: true });
      case 'column':
        return quoteIdentifier(this.#columnNames[expression.index]);
      case 'parameter':
        return `$${expression.index + 1}`;
      case 'call':
        return this.#call(expression, showsCasts);
      case 'text-cast':
      case 'relabel':
        return this.#cast(expression, expression.argument, showsCasts);
      case 'and':
      case 'or': {
        const operator = expression.kind === 'and' ? ' AND ' : ' OR ';
        return `(${expression.arguments.map((part) => this.text(part, false)).join(operator)})`;
      }
      case 'not':
        return `(NOT ${this.text(expression.argument, false)})`;
      case 'null-test':
        return `(${this.text(expression.argument, true)} IS ${expression.isNegated ? 'NOT ' : ''}NULL)`;
      case 'boolean-test': {
        const test = `${expression.isNegated ? 'NOT ' : ''}${expression.test.toUpperCase()}`;
        return `(${this.text(expression.argument, false)} IS ${test})`;
      }
      case 'distinct-test': {
        const test = `(${this.text(expression.left, true)} IS DISTINCT FROM ${this.text(expression.right, true)})`;
        return expression.isNegated ? `(NOT ${test})` : test;
      }
      case 'case':
        return this.#case(expression);
      case 'coalesce':
      case 'greatest':
      case 'least':
        return `${expression.kind.toUpperCase()}(${this.#list(expression.arguments)})`;
      case 'nullif':
        return `NULLIF(${this.#list([expression.left, expression.right])})`;
      case 'in-list':
        return this.#inList(expression);
      case 'array-comparison': {
        const operator = operatorOf(expression.operator)?.name ?? '=';
        const quantifier = expression.isAll ? 'ALL' : 'ANY';
        return `(${this.text(expression.left, true)} ${operator} ${quantifier} (${this.text(expression.array, true)}))`;
      }
      case 'array': {
        const suffix = expression.elements.length === 0 ? `::${this.#typeName(expression.type)}` : '';
        return `ARRAY[${this.#list(expression.elements)}]${suffix}`;
      }
      default:
        return unreachable(expression);
    }
  }

  #list(expressions: readonly Expression[]): string {
    return expressions.map((expression) => this.text(expression, true)).join(', ');
  }

  #call(call: CallExpression, showsCasts: boolean): string {
    if (call.keyword !== undefined) return call.keyword;
    const [first, second] = call.arguments;
    if (call.coercion !== undefined) return this.#cast(call, first, showsCasts);
    const inWords = call.isInWords === true ? deparseWords(call, (part) => this.text(part, false)) : undefined;
    if (inWords !== undefined) return inWords;
    const operator = operatorOf(call.function);
    if (operator === undefined) return `${quoteIdentifier(call.function.name)}(${this.#list(call.arguments)})`;
    return second === undefined
      ? `(${operator.name} ${this.text(first, true)})`
      : `(${this.text(first, true)} ${operator.name} ${this.text(second, true)})`;
  }

  #cast(
    cast: CallExpression | TextCastExpression | RelabelExpression,
    argument: Expression,
    showsCasts: boolean,
  ): string {
    if (cast.coercion === 'implicit' && !showsCasts) return this.text(argument, false);
    return this.#castTo(argument, cast.type);
  }

  #castTo(argument: Expression, type: SqlType): string {
    const isBare =
      argument.kind === 'constant' && argument.type.definition === type.definition && argument.type.typmod === -1;
    const written = isBare
      ? this.#constant(argument.value, argument.type, { isLabelled: false })
      : `(${this.text(argument, false)})`;
    return `${written}::${this.#typeName(type)}`;
  }

  /** CASE alone takes several lines. */
  #case(expression: CaseExpression): string {
    const outer = this.#lineBreak();
    this.#indent += CASE_INDENT;
    const inner = this.#lineBreak();
    const branches = expression.branches.map(
      ({ when, then }) => `${inner}WHEN ${this.text(when, false)} THEN ${this.text(then, true)}`,
    );
    const otherwise =
      expression.otherwise === undefined
        ? this.#constant(null, expression.type, { isLabelled: true })
        : this.text(expression.otherwise, true);
    this.#indent -= CASE_INDENT;
    return `${outer}CASE${branches.join('')}${inner}ELSE ${otherwise}${outer}END`;
  }

  #lineBreak(): string {
    return `\0${' '.repeat(this.#indent)}`;
  }

  /** IN is a comparison with an array, whose elements PostgreSQL types as the argument is before any cast. */
  #inList({ argument, list, equals, isNegated }: InListExpression): string {
    const quantifier = isNegated ? '<> ALL' : `${operatorOf(equals)?.name ?? '='} ANY`;
    return `(${this.text(argument, true)} ${quantifier} (${this.#inItems(argument, list)}))`;
  }

  #inItems(argument: Expression, list: readonly Expression[]): string {
    const array = arrayTypeOf(argument.type.definition);
    const isRelabelled = argument.kind === 'relabel' && argument.coercion === 'implicit';
    if (array === undefined || !isRelabelled || !list.every((item) => item.kind === 'constant')) {
      return `ARRAY[${this.#list(list)}]`;
    }
    const { definition } = argument.argument.type;
    const items = list.map((item) => ({ ...item, type: { definition, typmod: -1 } }));
    return `(ARRAY[${this.#list(items)}])::${this.#typeName({ definition: array, typmod: -1 })}`;
  }

  #constant(value: Value, type: SqlType, { isLabelled }: { isLabelled: boolean }): string {
    const { definition, typmod } = type;
    const label = isLabelled ? `::${this.#typeName(type)}` : '';
    if (value === null) return `NULL${label}`;
    if (definition.name === 'bool') return value === true ? 'true' : 'false';
    const text = definition.format(value, this.#typeContext);
    if (definition.name === 'int4' && !text.startsWith('-')) return text;
    // Digits with a point are a numeric by themselves; without one they would be an integer.
    if (definition.name === 'numeric' && /^\d/.test(text) && /[.e]/i.test(text))
      return typmod < 0 ? text : text + label;
    return `'${text.replaceAll("'", "''")}'${label}`;
  }
}
