import { describe, expect, test } from 'vitest';
import { FIRST_OBJECTS, type StoredSchema } from '../../../src/catalog/catalog-object.ts';
import { objectEntries } from '../../../src/storage/checkpoint/manifest-content.ts';
import { applyObjectEdit, type ObjectEntries } from '../../../src/storage/checkpoint/object-entries.ts';

const schema: StoredSchema = { kind: 'schema', oid: 16_800, name: 's', ownerOid: 10, version: 1 };
const none: ObjectEntries = { sequences: [], enums: [], others: [] };

describe('databases, schemas and comments of a manifest', () => {
  test('are those that every database begins with where it names none', () => {
    const content = {
      format: 1,
      systemIdentifier: '1',
      databases: [
        { oid: 5, name: 'a', ownerOid: 10 },
        { oid: 6, name: 'b', ownerOid: 10 },
      ],
      roles: [],
      nextOid: 16_800,
      catalogLsn: 0,
      replayFrom: 1,
      tables: [],
    };
    const own = [5, 6].flatMap((databaseOid) => FIRST_OBJECTS.map((object) => ({ databaseOid, object })));
    const rest = { kind: 'database', ownerOid: 10, connectionLimit: -1, allowsConnections: true, version: 1 };
    const shared = content.databases.map(({ oid, name }) => ({
      databaseOid: 0,
      object: { ...rest, oid, name, isTemplate: false },
    }));
    expect(objectEntries(content).others).toEqual([...shared, ...own]);
    expect(objectEntries({ ...content, objects: { sequences: [], enums: [] } }).others).toEqual([...shared, ...own]);
    expect(objectEntries({ ...content, objects: none }).others).toEqual(shared);
  });

  test('come, change and go by their keys within a database', () => {
    const both = applyObjectEdit(none, {
      others: [
        { databaseOid: 5, object: schema },
        { databaseOid: 6, object: schema },
      ],
    });
    const renamed = { ...schema, name: 'renamed', version: 2 };
    const changed = applyObjectEdit(both, { others: [{ databaseOid: 5, object: renamed }] });
    expect(changed.others).toEqual([
      { databaseOid: 5, object: renamed },
      { databaseOid: 6, object: schema },
    ]);
    const left = applyObjectEdit(changed, { droppedOthers: [{ databaseOid: 5, key: 'schema 16800' }] });
    expect(left.others).toEqual([{ databaseOid: 6, object: schema }]);
  });
});
