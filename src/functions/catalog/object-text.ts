import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { quoteIdentifier } from '../scalar/quoting.ts';
import { catalogTable, stable, systemOf } from './define-catalog.ts';
import type { CatalogRow } from './system-facts.ts';

type Environment = FunctionEnvironment;

/** An object as messages and pg_identify_object call it. */
interface ObjectName {
  readonly type: string;
  /** Undefined for what is in no schema. */
  readonly schema: string | undefined;
  /** Undefined where the name alone would not do: constraints, functions. */
  readonly name: string | undefined;
  readonly identity: string;
  readonly description: string;
}

const RELATION_KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  i: 'index',
  S: 'sequence',
  v: 'view',
  m: 'materialized view',
};

function schemaName(environment: Environment, schemaOid: unknown): string {
  return String(systemOf(environment).row('pg_namespace', Number(schemaOid))?.nspname ?? '');
}

function qualified(environment: Environment, schemaOid: unknown, name: unknown): string {
  return `${quoteIdentifier(schemaName(environment, schemaOid))}.${quoteIdentifier(String(name))}`;
}

function relationName(environment: Environment, row: CatalogRow, column: number): ObjectName {
  const kind = RELATION_KINDS[String(row.relkind)] ?? 'relation';
  const identity = qualified(environment, row.relnamespace, row.relname);
  const shown = environment.catalog.relationName(Number(row.oid)) ?? identity;
  const schema = schemaName(environment, row.relnamespace);
  if (column === 0) {
    return { type: kind, schema, name: String(row.relname), identity, description: `${kind} ${shown}` };
  }
  const attribute = systemOf(environment)
    .rowsWith('pg_attribute', 'attrelid', row.oid ?? null)
    .find(({ attnum }) => attnum === column);
  const columnName = quoteIdentifier(String(attribute?.attname ?? column));
  return {
    type: `${kind} column`,
    schema,
    name: String(row.relname),
    identity: `${identity}.${columnName}`,
    description: `column ${columnName} of ${kind} ${shown}`,
  };
}

function plain(environment: Environment, type: string, row: CatalogRow, prefix: string, word = type): ObjectName {
  const name = String(row[`${prefix}name`]);
  const schemaOid = row[`${prefix}namespace`];
  const schema = schemaOid === undefined ? undefined : schemaName(environment, schemaOid);
  const identity = schema === undefined ? quoteIdentifier(name) : qualified(environment, schemaOid, name);
  return { type, schema, name, identity, description: `${word} ${quoteIdentifier(name)}` };
}

/** The name of an object of one of the system tables; undefined where there is none. */
function nameOf(environment: Environment, classOid: number, objectOid: number, subId: number): ObjectName | undefined {
  const system = systemOf(environment);
  const table = String(system.row('pg_class', classOid)?.relname ?? '');
  const row = system.row(table, objectOid);
  if (row === undefined) return undefined;
  switch (table) {
    case 'pg_class':
      return relationName(environment, row, subId);
    case 'pg_namespace':
      return plain(environment, 'schema', row, 'nsp');
    case 'pg_type': {
      const type = environment.catalog.typeOf(objectOid)?.definition.sqlName ?? String(row.typname);
      return { ...plain(environment, 'type', row, 'typ'), description: `type ${type}` };
    }
    case 'pg_constraint': {
      const relation = system.row('pg_class', Number(row.conrelid));
      const name = quoteIdentifier(String(row.conname));
      if (relation === undefined) return plain(environment, 'domain constraint', row, 'con', 'constraint');
      const on = relationName(environment, relation, 0);
      return {
        type: 'table constraint',
        schema: on.schema,
        name: undefined,
        identity: `${name} on ${on.identity}`,
        description: `constraint ${name} on ${on.description}`,
      };
    }
    case 'pg_attrdef': {
      const relation = system.row('pg_class', Number(row.adrelid));
      if (relation === undefined) return undefined;
      const of = relationName(environment, relation, Number(row.adnum));
      return {
        type: 'default value',
        schema: undefined,
        name: undefined,
        identity: `for ${of.identity}`,
        description: `default value for ${of.description}`,
      };
    }
    case 'pg_rewrite': {
      const relation = system.row('pg_class', Number(row.ev_class));
      if (relation === undefined) return undefined;
      const on = relationName(environment, relation, 0);
      const name = quoteIdentifier(String(row.rulename));
      return {
        type: 'rule',
        schema: undefined,
        name: undefined,
        identity: `${name} on ${on.identity}`,
        description: `rule ${name} on ${on.description}`,
      };
    }
    case 'pg_proc': {
      const name = `${quoteIdentifier(String(row.proname))}(${signatureOf(environment, row)})`;
      const kind = row.prokind === 'a' ? 'aggregate' : 'function';
      const identity = `${quoteIdentifier(schemaName(environment, row.pronamespace))}.${name}`;
      return {
        type: kind,
        schema: schemaName(environment, row.pronamespace),
        name: undefined,
        identity,
        description: `function ${name}`,
      };
    }
    case 'pg_authid':
      return plain(environment, 'role', row, 'rol');
    case 'pg_database':
      return plain(environment, 'database', row, 'dat');
    case 'pg_tablespace':
      return plain(environment, 'tablespace', row, 'spc');
    case 'pg_extension':
      return plain(environment, 'extension', row, 'ext');
    case 'pg_language':
      return plain(environment, 'language', row, 'lan');
    case 'pg_collation':
      return plain(environment, 'collation', row, 'coll');
    case 'pg_am':
      return plain(environment, 'access method', row, 'am');
    case 'pg_opclass':
      return plain(environment, 'operator class', row, 'opc');
    case 'pg_opfamily':
      return plain(environment, 'operator family', row, 'opf');
    case 'pg_operator':
      return plain(environment, 'operator', row, 'opr');
    default:
      return undefined;
  }
}

function signatureOf(environment: Environment, row: CatalogRow): string {
  const types = row.proargtypes;
  if (types === null || types === undefined || typeof types !== 'object' || !('elements' in types)) return '';
  return types.elements
    .map((type) => environment.catalog.typeOf(Number(type))?.definition.sqlName ?? String(type))
    .join(',');
}

function describe(environment: Environment, classOid: number, objectOid: number, subId: number): string | null {
  if (classOid === 0 && objectOid === 0) return null;
  return nameOf(environment, classOid, objectOid, subId)?.description ?? null;
}

/** Objects by the names of their kinds: what pg_depend's numbers mean. */
export const objectTextFunctions: readonly (ScalarFunction | TableFunction)[] = [
  defineScalar('pg_describe_object', 3537, [oid, oid, int4], text, describe, stable),
  catalogTable(
    'pg_identify_object',
    3839,
    [oid, oid, int4],
    { type: text, schema: text, name: text, identity: text },
    function* (environment, classOid, objectOid, subId) {
      const found = nameOf(environment, Number(classOid), Number(objectOid), Number(subId));
      if (found === undefined) yield [null, null, null, null];
      else {
        const schema = found.schema === undefined ? null : quoteIdentifier(found.schema);
        const name = found.name === undefined ? null : quoteIdentifier(found.name);
        yield [found.type, schema, name, found.identity];
      }
    },
  ),
];
