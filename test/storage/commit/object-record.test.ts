import { describe, expect, test } from 'vitest';
import type { SequenceDescriptor } from '../../../src/catalog/sequence-descriptor.ts';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import type { CommitOperation } from '../../../src/storage/commit/commit-operation.ts';
import { decodeCommit, encodeCommit } from '../../../src/storage/commit/commit-record.ts';
import { describeEnum, isLostEnum } from '../../../src/storage/commit/enum-json.ts';
import { objectFromJson } from '../../../src/storage/commit/object-json.ts';
import { withHiddenColumns } from '../../../src/storage/undeclared-columns.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import { sqlType } from '../../../src/types/type-registry.ts';

const sequence: SequenceDescriptor = {
  oid: 16_500,
  schemaOid: 2200,
  schemaName: 'public',
  name: 'Größe "s"',
  ownerOid: 10,
  type: int8,
  start: -9223372036854775808n,
  increment: 9007199254740993n,
  min: -9223372036854775808n,
  max: 9223372036854775807n,
  cache: 1,
  isCycled: true,
  owner: { tableOid: 16_600, columnNumber: 3, kind: 'identity' },
  version: 4,
};

const mood = describeEnum({
  oid: 16_700,
  arrayOid: 16_701,
  schemaOid: 2200,
  schemaName: 'public',
  name: 'mood',
  ownerOid: 10,
  labels: [
    { oid: 16_702, name: '', sortOrder: 1 },
    { oid: 16_703, name: '🙂', sortOrder: 1.5 },
  ],
  version: 2,
});

const moods: TableDescriptor = withHiddenColumns({
  oid: 16_600,
  schemaOid: 2200,
  schemaName: 'public',
  name: 'moods',
  ownerOid: 10,
  kind: 'table',
  persistence: 'permanent',
  columns: [
    {
      number: 2,
      name: 'm',
      type: sqlType(mood.type),
      isNotNull: false,
      role: 'field',
      default: "'🙂'::mood",
      missing: '🙂',
      missingBefore: 3,
    },
    { number: 3, name: 'id', type: sqlType(int8), isNotNull: true, role: 'field', identity: 'always' },
  ],
  timeSeries: undefined,
  uniqueKey: undefined,
  indexes: [
    {
      oid: 16_605,
      name: 'moods_pkey',
      method: 'btree',
      columns: [{ columnNumber: 3, isDescending: false, nullsFirst: false }],
      isUnique: true,
      nullsNotDistinct: false,
    },
  ],
  constraints: [
    {
      kind: 'key',
      oid: 16_606,
      name: 'moods_pkey',
      isPrimary: true,
      indexOid: 16_605,
      columnNumbers: [3],
      isDeferrable: true,
      isInitiallyDeferred: false,
    },
    { kind: 'check', oid: 16_607, name: 'c', expression: '(id > 0)', columnNumbers: [3], isValidated: false },
    {
      kind: 'foreign-key',
      oid: 16_608,
      name: 'f',
      columnNumbers: [3],
      referencedTableOid: 16_600,
      referencedColumnNumbers: [3],
      referencedIndexOid: 16_605,
      match: 'full',
      onUpdate: 'cascade',
      onDelete: 'set null',
      deleteSetColumnNumbers: [3],
      isDeferrable: false,
      isInitiallyDeferred: false,
      isValidated: true,
    },
  ],
  nextColumnNumber: 5,
  isFromLineProtocol: false,
  schemaVersion: 3,
  rowTypeOid: 16_601,
});

function roundTrip(operations: readonly CommitOperation[]) {
  return decodeCommit(encodeCommit({ databaseOid: 16_384, operations })).operations;
}

describe('a commit record', () => {
  const operations: Record<string, CommitOperation> = {
    'a sequence and where it counts from': {
      kind: 'put-sequence',
      sequence,
      state: { lastValue: 9223372036854775807n, isCalled: true },
    },
    'a sequence that belongs to no column': {
      kind: 'put-sequence',
      sequence: { ...sequence, owner: undefined },
      state: { lastValue: -1, isCalled: false },
    },
    'a sequence that goes': { kind: 'drop-sequence', sequenceOid: 16_500 },
    'how far a sequence has counted': {
      kind: 'count-sequence',
      sequenceOid: 16_500,
      state: { lastValue: -9007199254740993n, isCalled: true },
    },
    'a type that goes': { kind: 'drop-enum', enumOid: 16_700 },
    'a schema': {
      kind: 'put-object',
      object: { kind: 'schema', oid: 16_800, name: 'Größe "s"', ownerOid: 10, version: 3 },
    },
    'a comment': {
      kind: 'put-object',
      object: { kind: 'comment', classOid: 1259, objectOid: 16_600, subId: 2, text: '🙂\n"x"', version: 1 },
    },
    'a schema that goes': { kind: 'drop-object', key: 'schema 16800' },
  };
  for (const [name, operation] of Object.entries(operations)) {
    test(`holds ${name}`, () => expect(roundTrip([operation])).toEqual([operation]));
  }

  test('holds an enum and a table that uses it, all of it', () => {
    const [put, create] = roundTrip([
      { kind: 'put-enum', enum: mood },
      { kind: 'create-table', table: moods },
    ]);
    if (put?.kind !== 'put-enum' || create?.kind !== 'create-table') throw new Error('other operations');
    const { type, ...labels } = put.enum;
    expect(labels).toEqual({ ...mood, type: undefined });
    // One type, not two that look alike.
    expect(create.table.columns[0]!.type.definition).toBe(type);
    const plain = ({ columns, ...table }: TableDescriptor) => ({
      ...table,
      columns: columns.map((column) => ({ ...column, type: column.type.definition.oid })),
    });
    expect(plain(create.table)).toEqual(plain(moods));
  });

  test('knows the enums of earlier commits, and has a mark for those that nobody knows', () => {
    const body = encodeCommit({ databaseOid: 16_384, operations: [{ kind: 'alter-table', table: moods }] });
    const typeOf = (enums: (oid: number) => typeof mood.type | undefined) => {
      const [operation] = decodeCommit(body, enums).operations;
      if (operation?.kind !== 'alter-table') throw new Error('another operation');
      return operation.table.columns[0]!.type.definition;
    };
    expect(typeOf((oid) => (oid === mood.oid ? mood.type : undefined))).toBe(mood.type);
    expect(isLostEnum(typeOf(() => undefined))).toBe(true);
    expect(isLostEnum(mood.type)).toBe(false);
  });

  test('has rows of an enum as numbers, which need no enum to be read', () => {
    const block = {
      partition: 0,
      rowCount: 2,
      seriesIds: new Uint32Array(2),
      times: Float64Array.of(1, 2),
      fractions: undefined,
      rowIds: Float64Array.of(1, 2),
      isPartial: false,
      columns: [{ number: 2, type: mood.type, column: columnOf('float64', [1, 1.5]) }],
    };
    const [rows] = roundTrip([{ kind: 'rows', tableOid: 16_600, schemaVersion: 3, blocks: [block] }]);
    if (rows?.kind !== 'rows') throw new Error('another operation');
    expect(rows.blocks[0]!.columns[0]!.type).toBe(float8);
    expect(rows.blocks[0]!.columns[0]!.column).toMatchObject({ kind: 'number', values: Float64Array.of(1, 1.5) });
  });
});

describe('an object of the catalog', () => {
  const broken: Record<string, unknown> = {
    'is no text': 'schema',
    'has a kind that there is': { kind: 'table', oid: 1 },
    'has all its fields': { kind: 'schema', oid: 16_800, name: 's', version: 1 },
    'has fields of their types': { kind: 'schema', oid: '16800', name: 's', ownerOid: 10, version: 1 },
  };
  for (const [what, json] of Object.entries(broken)) {
    test(what, () => expect(() => objectFromJson(json)).toThrow(CorruptionError));
  }
});
