import type { NewTable } from '../../../src/database/new-table.ts';
import { newTable } from '../../database/scratch-instance.ts';
import type { ModelColumn, TableShape } from './model.ts';

/** Tables that clients make by CREATE TABLE. */
const DECLARED: Record<string, { columns: string[]; time?: string; tags?: string[]; key?: string[] }> = {
  keyed: {
    columns: ['time timestamptz not null', 'host text not null', 'x float8', 'n int8', 's text'],
    time: 'time',
    tags: ['host'],
    key: ['host', 'time'],
  },
  free: { columns: ['host text', 'time timestamptz not null', 'x float8', 'b bool'], time: 'time', tags: ['host'] },
  lone: { columns: ['time timestamptz not null', 'n int8'], time: 'time' },
  plain: { columns: ['id int8', 's text', 'x float8', 'b bool'] },
  plain_keyed: { columns: ['id int8 not null', 's text', 'n int8'], key: ['id'] },
};

export const DECLARED_NAMES: readonly string[] = Object.keys(DECLARED);

/** Undefined for names that only line protocol makes tables of. */
export function declaredTable(name: string): NewTable | undefined {
  const declared = DECLARED[name];
  return declared === undefined ? undefined : newTable(name, declared.columns, declared);
}

/** A table as the model has it. */
export function shapeOf({ name, columns, timeSeries, keys }: NewTable): TableShape {
  return {
    name,
    kind: timeSeries === undefined ? 'plain' : 'series',
    columns: columns.map(({ name: columnName, type }, position): ModelColumn => {
      const isTag = timeSeries?.tagColumns.includes(position) === true;
      const role = position === timeSeries?.timeColumn ? 'time' : isTag ? 'tag' : 'field';
      return { name: columnName, typeName: type.definition.name, role };
    }),
    primaryKey: keys[0]?.columns.map((position) => columns[position]!.name),
  };
}
