import { unreachable } from '../../errors/invariant.ts';
import { notSupported } from '../../errors/sql-error.ts';
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
  CorrelatedExpression,
  Expression,
  InConstantsExpression,
  InListExpression,
  RelabelExpression,
  RowExpression,
  SubqueryExpression,
  TextCastExpression,
} from './expression.ts';
import { needsParentheses } from './needs-parentheses.ts';
import { operatorOf } from './operator-of.ts';
import { fieldName, subscriptsText } from './subscripts-text.ts';

/** What names and values look like. The defaults read back the same in any session. */
export interface DeparseOptions {
  readonly typeContext?: TypeContext;
  /** A type as it must be written where the text is read. */
  readonly typeName?: (type: SqlType) => string;
  /** For people: parentheses only where they are needed. */
  readonly isPretty?: boolean;
  /** What stands for columns, and for what reaches out of or into an expression; by default names, and nothing. */
  readonly references?: ReferenceTexts;
  /** Blanks before each line that the text begins. */
  readonly indent?: number;
}

/** The text of one more expression beside that which is being written. */
export type ExpressionText = (expression: Expression) => string;

export interface ReferenceTexts {
  column(index: number, text: ExpressionText): string;
  /** The row of the relation that a column is of. */
  wholeRow(index: number): string;
  correlated(reference: CorrelatedExpression): string;
  subquery(subquery: SubqueryExpression, text: ExpressionText): string;
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
  readonly #isPretty: boolean;
  readonly #references: ReferenceTexts | undefined;
  #indent: number;

  constructor(columnNames: readonly string[], options: DeparseOptions) {
    const { typeContext = neutralContext, typeName = formatType, isPretty = false, references, indent = 0 } = options;
    this.#columnNames = columnNames;
    this.#typeContext = typeContext;
    this.#typeName = typeName;
    this.#isPretty = isPretty;
    this.#references = references;
    this.#indent = indent;
  }

  /** `showsCasts`: casts that nobody wrote are written out, where they decide which operator or function is meant. */
  text(expression: Expression, showsCasts: boolean): string {
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.value, expression.type, { isLabelled: true });
      case 'column':
        return this.#references === undefined
          ? quoteIdentifier(this.#columnNames[expression.index])
          : this.#references.column(expression.index, (part) => this.text(part, true));
      case 'parameter':
        return `$${expression.index + 1}`;
      case 'correlated':
        if (this.#references !== undefined) return this.#references.correlated(expression);
        throw notSupported('a subquery in a stored expression');
      case 'subquery':
        if (this.#references !== undefined) {
          return this.#references.subquery(expression, (part) => this.text(part, true));
        }
        throw notSupported('a subquery in a stored expression');
      case 'call':
        return this.#call(expression, showsCasts);
      case 'text-cast':
      case 'relabel':
        return this.#cast(expression, expression.argument, showsCasts);
      case 'and':
      case 'or': {
        const operator = expression.kind === 'and' ? ' AND ' : ' OR ';
        return this.#enclosed(expression.arguments.map((part) => this.#part(part, expression, false)).join(operator));
      }
      case 'not':
        return this.#enclosed(`NOT ${this.#part(expression.argument, expression, false)}`);
      case 'null-test': {
        const argument = this.#part(expression.argument, expression, true);
        return this.#enclosed(`${argument} IS ${expression.isNegated ? 'NOT ' : ''}NULL`);
      }
      case 'boolean-test': {
        const test = `${expression.isNegated ? 'NOT ' : ''}${expression.test.toUpperCase()}`;
        return this.#enclosed(`${this.#part(expression.argument, expression, false)} IS ${test}`);
      }
      case 'distinct-test': {
        const [left, right] = [expression.left, expression.right].map((part) => this.#part(part, expression, true));
        const test = this.#enclosed(`${left} IS DISTINCT FROM ${right}`);
        return expression.isNegated ? this.#enclosed(`NOT ${test}`) : test;
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
      case 'in-constants':
        return this.#inList(withExpressions(expression));
      case 'array-comparison': {
        const operator = operatorOf(expression.operator)?.name ?? '=';
        const quantifier = expression.isAll ? 'ALL' : 'ANY';
        const [left, array] = [expression.left, expression.array].map((part) => this.#part(part, expression, true));
        return this.#enclosed(`${left} ${operator} ${quantifier} (${array})`);
      }
      case 'row':
        return this.#isRelationRow(expression)
          ? this.#relationRow(expression)
          : `ROW(${this.#list(expression.elements)})`;
      case 'field':
        return `(${this.text(expression.argument, true)}).${quoteIdentifier(fieldName(expression))}`;
      case 'subscript': {
        const argument = this.text(expression.argument, false);
        const isColumn = expression.argument.kind === 'column';
        return `${isColumn ? argument : `(${argument})`}${subscriptsText(expression, (bound) => this.text(bound, false))}`;
      }
      case 'array': {
        const suffix = expression.elements.length === 0 ? `::${this.#typeName(expression.type)}` : '';
        return `ARRAY[${this.#list(expression.elements)}]${suffix}`;
      }
      default:
        return unreachable(expression);
    }
  }

  /** Within a query, where relations have names. */
  #isRelationRow({ presence, isRelation }: RowExpression): boolean {
    return presence !== undefined || (isRelation === true && this.#references !== undefined);
  }

  /** Not its columns: they may be all NULL and the row is not, and it has the relation's type. */
  #relationRow({ elements: [first] }: RowExpression): string {
    if (first?.kind !== 'column' || this.#references === undefined) throw notSupported('this row in a view');
    return this.#references.wholeRow(first.index);
  }

  #list(expressions: readonly Expression[]): string {
    return expressions.map((expression) => this.text(expression, true)).join(', ');
  }

  #arguments({ arguments: values, isVariadic }: CallExpression): string {
    if (isVariadic !== true) return this.#list(values);
    const last = `VARIADIC ${this.#list(values.slice(-1))}`;
    return values.length === 1 ? last : `${this.#list(values.slice(0, -1))}, ${last}`;
  }

  #subscripts({ arguments: [container, ...steps] }: CallExpression): string {
    const argument = this.text(container, false);
    const subscripts = steps.map((step) => `[${this.text(step, false)}]`).join('');
    return `${container.kind === 'column' ? argument : `(${argument})`}${subscripts}`;
  }

  #call(call: CallExpression, showsCasts: boolean): string {
    if (call.keyword !== undefined) return call.keyword;
    const [first, second] = call.arguments;
    if (call.coercion !== undefined) return this.#cast(call, first, showsCasts);
    const inWords = call.isInWords === true ? deparseWords(call, (part) => this.text(part, false)) : undefined;
    if (inWords !== undefined) return inWords;
    if (call.isSubscript === true) return this.#subscripts(call);
    const operator = operatorOf(call.function);
    if (operator === undefined) return `${quoteIdentifier(call.function.name)}(${this.#arguments(call)})`;
    return this.#enclosed(
      second === undefined
        ? `${operator.name} ${this.#part(first, call, true)}`
        : `${this.#part(first, call, true)} ${operator.name} ${this.#part(second, call, true)}`,
    );
  }

  /** In parentheses, which are left out for people: there those around parts suffice. */
  #enclosed(text: string): string {
    return this.#isPretty ? text : `(${text})`;
  }

  #part(part: Expression, whole: Expression, showsCasts: boolean): string {
    const text = this.text(part, showsCasts);
    return this.#isPretty && needsParentheses(part, whole) ? `(${text})` : text;
  }

  #cast(
    cast: CallExpression | TextCastExpression | RelabelExpression,
    argument: Expression,
    showsCasts: boolean,
  ): string {
    if (cast.coercion === 'implicit' && !showsCasts) return this.#part(argument, cast, false);
    return this.#castTo(cast, argument);
  }

  #castTo(cast: Expression, argument: Expression): string {
    const { type } = cast;
    const isBare =
      argument.kind === 'constant' && argument.type.definition === type.definition && argument.type.typmod === -1;
    const written = isBare
      ? this.#constant(argument.value, argument.type, { isLabelled: false })
      : this.#enclosed(this.#part(argument, cast, false));
    return `${written}::${this.#typeName(type)}`;
  }

  /** CASE alone takes several lines. */
  #case(expression: CaseExpression): string {
    const outer = this.#lineBreak();
    this.#indent += CASE_INDENT;
    const inner = this.#lineBreak();
    const operand = operandOf(expression);
    const branches = expression.branches.map(({ when, then }) => {
      const test = operand !== undefined && when.kind === 'call' ? when.arguments[1] : when;
      return `${inner}WHEN ${this.text(test, false)} THEN ${this.text(then, true)}`;
    });
    const otherwise =
      expression.otherwise === undefined
        ? this.#constant(null, expression.type, { isLabelled: true })
        : this.text(expression.otherwise, true);
    this.#indent -= CASE_INDENT;
    const tested = operand === undefined ? '' : ` ${this.text(operand, false)}`;
    return `${outer}CASE${tested}${branches.join('')}${inner}ELSE ${otherwise}${outer}END`;
  }

  #lineBreak(): string {
    return `\0${' '.repeat(this.#indent)}`;
  }

  /** IN is a comparison with an array, whose elements PostgreSQL types as the argument is before any cast. */
  #inList(inList: InListExpression): string {
    const { argument, list, equals, isNegated } = inList;
    if (argument.type.definition.category === 'A') {
      // There are no arrays of arrays.
      const operator = isNegated ? '<>' : '=';
      const [left, ...items] = [argument, ...list].map((part) => this.#part(part, inList, true));
      const comparisons = items.map((item) => this.#enclosed(`${left} ${operator} ${item}`));
      if (comparisons.length === 1) return comparisons[0];
      return this.#enclosed(comparisons.join(isNegated ? ' AND ' : ' OR '));
    }
    const quantifier = isNegated ? '<> ALL' : `${operatorOf(equals)?.name ?? '='} ANY`;
    const whole = `${this.#part(argument, inList, true)} ${quantifier} (${this.#inItems(argument, list)})`;
    return this.#enclosed(whole);
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

/** A list of constants as a list of expressions. */
function withExpressions({ constants, ...rest }: InConstantsExpression): InListExpression {
  const list = Array.from({ length: constants.length }, (_, at): Expression => {
    return { kind: 'constant', value: constants.at(at), type: rest.argument.type };
  });
  return { ...rest, kind: 'in-list', list };
}

/** What CASE x WHEN … compares, as long as its comparisons are as they were written. */
function operandOf({ hasOperand, branches }: CaseExpression): Expression | undefined {
  const [first] = branches;
  if (hasOperand !== true || first.when.kind !== 'call') return undefined;
  const isComparison = branches.every(({ when }) => when.kind === 'call' && when.arguments.length === 2);
  return isComparison ? first.when.arguments[0] : undefined;
}
