import { describe, expect, test } from 'vitest';
import { allSystemRelations, systemRelation, systemRelationByOid } from '../../src/pg-catalog/system-relation.ts';
import { typeFact } from '../../src/pg-catalog/type-facts.ts';
import { SYSTEM_VIEWS } from '../../src/pg-catalog/views/system-views.ts';
import { allTypes } from '../../src/types/type-registry.ts';

describe('system relations', () => {
  test('are all that PostgreSQL 15 has in its two schemas', () => {
    const count = (schema: string): number => allSystemRelations().filter((one) => one.schema.name === schema).length;
    // pg_stat_statements is one more.
    expect(count('pg_catalog')).toBe(64 + 75 + 1);
    expect(count('information_schema')).toBe(69);
  });

  test('have numbers and names of their own', () => {
    const all = allSystemRelations();
    expect(new Set(all.map(({ oid }) => oid)).size).toBe(all.length);
    expect(new Set(all.map(({ schema, name }) => `${schema.name}.${name}`)).size).toBe(all.length);
    expect(new Set(all.flatMap(({ rowTypeOid, rowArrayOid }) => [rowTypeOid, rowArrayOid])).size).toBe(all.length * 2);
    for (const { oid } of all) expect(oid).toBeLessThan(16_384);
  });

  test('are found by name and by number', () => {
    expect(systemRelation('pg_catalog', 'pg_class')?.oid).toBe(1259);
    expect(systemRelationByOid(1247)?.name).toBe('pg_type');
    expect(systemRelation('public', 'pg_class')).toBeUndefined();
  });

  test('have the system columns where they are tables, and none where they are views', () => {
    const hidden = (name: string): string[] | undefined =>
      systemRelation('pg_catalog', name)
        ?.descriptor.columns.filter(({ isHidden }) => isHidden === true)
        .map((column) => column.name);
    expect(hidden('pg_class')).toEqual(['tableoid', 'cmax', 'xmax', 'cmin', 'xmin', 'ctid']);
    expect(hidden('pg_roles')).toEqual([]);
  });

  test('every view that is a query belongs to a relation', () => {
    for (const name of Object.keys(SYSTEM_VIEWS)) {
      const [schema = '', view = ''] = name.split('.');
      expect(systemRelation(schema, view)?.kind, name).toBe('view');
    }
  });
});

test('types have the lengths, categories and arrays that PostgreSQL gives them', () => {
  for (const type of allTypes()) {
    const fact = typeFact(type.oid);
    if (fact === undefined) continue;
    expect({ ...type, name: fact.name, length: fact.length }, type.name).toMatchObject({
      name: type.name,
      length: type.length,
    });
    if (type.category !== 'A') expect(fact.arrayOid, type.name).toBe(type.arrayOid || fact.arrayOid);
  }
});
