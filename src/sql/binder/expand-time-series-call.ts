import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { FunctionCallSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Relation } from './scope.ts';

const PERCENTILE = /^percentile_([1-9][0-9]?)$/;

/** What stands for commands (bind-create-hypertable.ts). */
const COMMANDS = new Set(['create_hypertable', 'by_range', 'by_hash']);

/**
 * Short forms of aggregates, written out:
 *
 *   median(x)          percentile_cont(0.5) WITHIN GROUP (ORDER BY x)
 *   percentile_95(x)   percentile_cont(0.95) WITHIN GROUP (ORDER BY x)
 *   first(x), last(x)  first(x, time), last(x, time), by the time column of the only time-series table in FROM
 *
 * Other calls come back as they are. Throws 42883 where no single table says what the time is.
 */
export function expandTimeSeriesCall(context: ExpressionContext, syntax: FunctionCallSyntax): FunctionCallSyntax {
  const { schema, name, arguments: values, position } = syntax;
  if (COMMANDS.has(name) && schema === undefined) {
    throw notSupported(
      `${name} as part of another statement`,
      position,
      'Write SELECT create_hypertable(…) by itself.',
    );
  }
  const [value] = values;
  if (value === undefined || values.length !== 1 || syntax.argumentNames !== undefined) return syntax;
  if (syntax.isVariadic === true || (schema !== undefined && schema !== 'pg_catalog')) return syntax;
  if (name === 'first' || name === 'last') return { ...syntax, arguments: [value, timeOf(context, syntax)] };
  const percent = name === 'median' ? '50' : PERCENTILE.exec(name)?.[1];
  return percent === undefined || syntax.isWithinGroup === true ? syntax : percentileOf(syntax, value, percent);
}

function percentileOf(syntax: FunctionCallSyntax, value: SyntaxExpression, percent: string): FunctionCallSyntax {
  const { name, position } = syntax;
  const hint = `Write percentile_cont(${fractionOf(percent)}) WITHIN GROUP (ORDER BY …).`;
  if (syntax.isDistinct) throw notSupported(`DISTINCT in ${name}`, position, hint);
  if (syntax.orderBy !== undefined) throw notSupported(`ORDER BY in ${name}`, position, hint);
  if (syntax.over !== undefined) throw notSupported(`${name} as a window function`, position);
  return {
    ...syntax,
    name: 'percentile_cont',
    arguments: [{ kind: 'literal', type: 'decimal', value: fractionOf(percent), position }],
    orderBy: [{ expression: value, direction: 'asc', nulls: 'default', position: value.position }],
    isWithinGroup: true,
  };
}

/** `0.95` for 95. */
function fractionOf(percent: string): string {
  return `0.${percent.padStart(2, '0')}`;
}

function timeOf({ scope }: ExpressionContext, { name, position }: FunctionCallSyntax): SyntaxExpression {
  const [first, ...others] = scope.relations.flatMap((relation) => timeColumnsOf(relation));
  if (first === undefined || others.length > 0) {
    const found = first === undefined ? 'none' : 'several';
    throw new SqlError(SqlState.UndefinedFunction, `function ${name} needs to be told the time`, {
      position,
      hint: `Write ${name}(value, time). The time may be left out where FROM has one time-series table; here it has ${found}.`,
    });
  }
  return { kind: 'column', qualifier: [first.relation], name: first.column, position };
}

function timeColumnsOf({ name, table, columns }: Relation): { readonly relation: string; readonly column: string }[] {
  const time = table?.timeSeries?.timeColumnNumber;
  if (table === undefined || time === undefined) return [];
  const column = columns.find(({ tableOid, columnNumber }) => tableOid === table.oid && columnNumber === time);
  return column === undefined ? [] : [{ relation: name, column: column.name }];
}
