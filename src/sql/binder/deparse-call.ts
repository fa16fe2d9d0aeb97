import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import type { Expression } from '../expression/expression.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { FrameBound, WindowFrame } from '../plan/window-node.ts';
import type { BoundWindow } from './bind-window.ts';
import type { SelectRecord } from './query-record.ts';
import { FIRST_AGGREGATE, FIRST_GROUPING, FIRST_WINDOW_CALL } from './stand-in-columns.ts';

type Write = (expression: Expression) => string;

/** The calls that stand-in columns of a SELECT stand for, as text. */
export const deparseCall = { standIn, window, order };

function standIn(record: SelectRecord, index: number, write: Write): string {
  if (index >= FIRST_WINDOW_CALL) return windowCall(record, index - FIRST_WINDOW_CALL, write);
  if (index >= FIRST_GROUPING) return `GROUPING(${list(record.aggregates.groupingOf(index), write)})`;
  if (index >= FIRST_AGGREGATE) return aggregate(record, index, write);
  const call = record.sets.callOf(index);
  return `${quoteIdentifier(call.function.name)}(${list(call.arguments, write)})`;
}

function aggregate(record: SelectRecord, index: number, write: Write): string {
  const call = record.aggregates.callOf(index);
  const { function: called, isDistinct, filter, direct, orderBy = [] } = call;
  const keys = orderBy.map((key) => `${write(key.expression)}${order(key)}`);
  const values = call.arguments.map(write);
  // DISTINCT sorts by the arguments anyway.
  const isOwn = isDistinct && keys.length === values.length && keys.every((key, at) => key === values[at]);
  const sorted = isOwn ? '' : keys.join(', ');
  const condition = filter === undefined ? '' : ` FILTER (WHERE ${write(filter)})`;
  const name = quoteIdentifier(called.name);
  if (called.orderedSet !== undefined)
    return `${name}(${list(direct, write)}) WITHIN GROUP (ORDER BY ${sorted})${condition}`;
  const operands = called.isStar === true ? '*' : values.join(', ');
  const sorting = sorted === '' ? '' : ` ORDER BY ${sorted}`;
  return `${name}(${isDistinct ? 'DISTINCT ' : ''}${operands}${sorting})${condition}`;
}

function windowCall(record: SelectRecord, at: number, write: Write): string {
  const { call, definition } = record.windows.calls[at];
  const window = record.boundWindows[definition];
  const called = call.function;
  const isStar = called.kind === 'aggregate' && called.isStar === true;
  const operands = isStar ? '*' : list(call.arguments, write);
  const condition = call.filter === undefined ? '' : ` FILTER (WHERE ${write(call.filter)})`;
  const over = window.name === undefined ? windowText(window, write) : quoteIdentifier(window.name);
  return `${quoteIdentifier(called.name)}(${operands})${condition} OVER ${over}`;
}

function window(bound: BoundWindow, write: Write): string {
  return windowText(bound, write);
}

function windowText({ partitionBy, orderBy, frame, hasFrameClause }: BoundWindow, write: Write): string {
  const parts: string[] = [];
  if (partitionBy.length > 0) parts.push(`PARTITION BY ${list(partitionBy, write)}`);
  if (orderBy.length > 0) {
    parts.push(`ORDER BY ${orderBy.map((key) => `${write(key.expression)}${order(key)}`).join(', ')}`);
  }
  if (hasFrameClause) parts.push(frameText(frame, write));
  return `(${parts.join(' ')})`;
}

const EXCLUSIONS: Readonly<Record<WindowFrame['exclusion'], string>> = {
  none: '',
  'current-row': ' EXCLUDE CURRENT ROW',
  group: ' EXCLUDE GROUP',
  ties: ' EXCLUDE TIES',
};

function frameText({ mode, start, end, exclusion }: WindowFrame, write: Write): string {
  const bounds = `BETWEEN ${boundText(start, 'PRECEDING', write)} AND ${boundText(end, 'FOLLOWING', write)}`;
  return `${mode.toUpperCase()} ${bounds}${EXCLUSIONS[exclusion]}`;
}

function boundText({ kind, offset }: FrameBound, unbounded: string, write: Write): string {
  if (kind === 'unbounded') return `UNBOUNDED ${unbounded}`;
  if (kind === 'current-row' || offset === undefined) return 'CURRENT ROW';
  return `${write(offset)} ${kind.toUpperCase()}`;
}

function list(expressions: readonly Expression[], write: Write): string {
  return expressions.map(write).join(', ');
}

/** What a sort key says beyond the expression; ascending with NULLs last goes without saying. */
function order({ isDescending, nullsFirst }: SortKey): string {
  const nulls = nullsFirst === isDescending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST';
  return `${isDescending ? ' DESC' : ''}${nulls}`;
}
