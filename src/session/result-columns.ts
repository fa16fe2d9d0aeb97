import { invariant } from '../errors/invariant.ts';
import type { BoundStatement } from '../sql/binder/bound-statement.ts';
import { sqlType, typeByName } from '../types/type-registry.ts';
import type { ResultColumn } from './result-column.ts';
import type { Settings } from './settings.ts';

/** A column of a command's own making, such as SHOW's: text, and of no table. */
export function textColumn(name: string): ResultColumn {
  const text = typeByName('text');
  invariant(text !== undefined, 'text is a type');
  return { name, type: sqlType(text), tableOid: 0, columnNumber: 0 };
}

/** What Describe tells before the statement runs; undefined: no result at all, not even an empty one. */
export function resultColumns(bound: BoundStatement, settings: Settings): readonly ResultColumn[] | undefined {
  switch (bound.kind) {
    case 'query':
      return bound.plan.output;
    case 'insert':
    case 'update':
    case 'delete':
      return bound.returning;
    case 'explain':
      return [textColumn('QUERY PLAN')];
    case 'show':
      return showColumns(bound.name, settings);
    default:
      return undefined;
  }
}

function showColumns(name: string, settings: Settings): readonly ResultColumn[] {
  if (name === 'all') return ['name', 'setting', 'description'].map(textColumn);
  return [textColumn(settings.show(name).name)];
}
