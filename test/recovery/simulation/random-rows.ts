import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { visibleColumns } from '../../../src/storage/table-identity.ts';
import type { Value } from '../../../src/types/value.ts';
import { DAY } from '../../database/scratch-instance.ts';
import { type HostileValue, toLine } from '../../support/hostile-data.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { type ModelPoint, type ModelRow, valueText } from './model.ts';

export const LINE_TABLES = ['m', '__proto__', 'T🌡️ "q", x'];
const FIELD_TYPES = {
  x: 'float',
  n: 'integer',
  s: 'string',
  b: 'boolean',
  u: 'unsigned',
  constructor: 'float',
  __proto__x: 'float',
} as const;
const TYPE_NAMES = { float: 'float8', integer: 'int8', string: 'text', boolean: 'bool', unsigned: 'numeric' } as const;
type FieldType = keyof typeof TYPE_NAMES;

const HOSTS = ['a', 'b', 'c', '__proto__', '=, 🌡️'];
const FLOATS = [0, -0, 0.1, 1 / 3, 5e-324, -1e300, 42, 43.5, 1e16 + 2];
const SQL_FLOATS = [...FLOATS, Number.NaN, Number.POSITIVE_INFINITY];
const INTEGERS = [0n, 1n, -1n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = ['', 'one', 'zwölf 🌡️', 'two\nlines', 'x'.repeat(60), 'NULL'];

/** Of all histories of a process: only that no two are alike matters. */
let lastRowId = 0;

export function randomPoint(
  random: SeededRandom,
  name: string,
  misfit: string | undefined,
): { point: ModelPoint; line: string } {
  const tags = new Map<string, string>();
  if (random.fraction() < (name === 'keyed' ? 0.99 : 0.85)) tags.set('host', random.pick(HOSTS));
  if (random.fraction() < 0.1 && name !== 'keyed') tags.set(random.pick(['rack', '__proto__']), random.pick(HOSTS));
  const { micros, nanoseconds } = randomTime(random);
  const written = new Map<string, HostileValue>();
  const fields: { name: string; type: FieldType }[] = [];
  for (let count = random.pick([1, 1, 2, 4]); count > 0; count--) {
    const fieldName =
      random.fraction() < 0.9 ? random.pick(['x', 'n', 's', 'b']) : random.pick(['u', 'constructor', '__proto__x']);
    if (written.has(fieldName)) continue;
    const usual = FIELD_TYPES[fieldName as keyof typeof FIELD_TYPES];
    const type = fieldName === misfit ? 'string' : usual;
    fields.push({ name: fieldName, type });
    written.set(fieldName, randomField(random, type));
  }
  const line = toLine({ name, fields }, { tags, fields: written, micros: BigInt(micros), nanoseconds });
  const typed = fields.map(({ name: fieldName, type }) => {
    const value = written.get(fieldName)!;
    return [fieldName, { typeName: TYPE_NAMES[type], value: valueText(value) }] as const;
  });
  return { point: { id: ++lastRowId, tags, fields: new Map(typed), micros, nanoseconds }, line };
}

function randomField(random: SeededRandom, type: FieldType): HostileValue {
  switch (type) {
    case 'float':
      return random.fraction() < 0.5 ? random.pick(FLOATS) : random.below(1000) / 8;
    case 'integer':
      return random.pick(INTEGERS);
    case 'unsigned':
      return random.pick([0n, 2n ** 64n - 1n]);
    case 'boolean':
      return random.fraction() < 0.5;
    case 'string':
      return random.pick(TEXTS);
  }
}

/** Few enough to meet again; in three partitions, at their edges too; late as often as not. */
function randomTime(random: SeededRandom): { micros: number; nanoseconds: number } {
  const micros =
    random.pick([-1, 0, 1]) * DAY + random.pick([-1, 0, 1, 2, 3, 5, 8, 1_000_000]) * random.pick([1, 60_000_000]);
  return { micros, nanoseconds: random.pick([0, 0, 0, 0, 1, 999]) };
}

/** A full row for INSERT, as values and as the model has it. */
export function randomRow(random: SeededRandom, table: TableDescriptor): { values: Value[]; row: ModelRow } {
  const visible = visibleColumns(table);
  const values = visible.map(({ role, isNotNull, type, name }): Value => {
    if (role === 'time') {
      return random.fraction() < 0.5 ? randomTime(random).micros : random.below(1_000_000);
    }
    if (name === 'id') return random.below(200);
    if (!isNotNull && random.fraction() < 0.25) return null;
    if (role === 'tag') return random.pick(HOSTS);
    return randomSqlValue(random, type.definition.name);
  });
  return { values, row: modelRow(table, values, 0) };
}

/** A row of a table, given as its values in table order, in the words of the model. */
export function modelRow(table: TableDescriptor, values: readonly Value[], nanoseconds: number): ModelRow {
  const visible = visibleColumns(table);
  const present = visible.flatMap(({ name }, index) => {
    const value = values[index]!;
    return value === null ? [] : [[name, valueText(value)] as const];
  });
  const timeAt = visible.findIndex(({ role }) => role === 'time');
  const micros = timeAt < 0 ? 0 : (values[timeAt] as number);
  return { id: ++lastRowId, values: new Map(present), micros, nanoseconds };
}

/** New values for some of a row's columns, as UPDATE sets them. */
export function changedValues(random: SeededRandom, table: TableDescriptor, values: readonly Value[]): Value[] {
  const other = randomRow(random, table).values;
  const share = random.pick([0.2, 0.2, 0.5]);
  return visibleColumns(table).map(({ role }, index) => {
    // Mostly fields: a change of the key moves the row.
    const isChanged = random.fraction() < (role === 'field' ? share : share / 8);
    return isChanged ? other[index]! : values[index]!;
  });
}

export function randomSqlValue(random: SeededRandom, typeName: string): Value {
  switch (typeName) {
    case 'float8':
      return random.pick(SQL_FLOATS);
    case 'int8': {
      const value = random.pick(INTEGERS);
      return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
    }
    case 'bool':
      return random.fraction() < 0.5;
    case 'text':
      return random.pick(TEXTS);
    default:
      return null;
  }
}
