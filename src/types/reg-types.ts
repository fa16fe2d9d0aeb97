import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { parseOid, unsigned32 } from './oid.ts';
import type { NamedKind, TypeContext, TypeDefinition } from './type-definition.ts';

/** How an object identifier that prints as a name finds names and numbers. */
export interface NamedOid {
  readonly oid: number;
  readonly name: string;
  readonly arrayOid: number;
  /** What 0 prints as; default `-`. */
  readonly zero?: string;
  /** Throws when there is no such object. */
  find(name: string, context: TypeContext): number;
  nameOf(oid: number, context: TypeContext): string | undefined;
}

/** An OID whose text form is a name: digits are taken as they are, `-` is 0, and so the other way round. */
export function namedOidType({ oid, name, arrayOid, zero = '-', find, nameOf }: NamedOid): TypeDefinition {
  return {
    oid,
    name,
    sqlName: name,
    category: 'N',
    isPreferred: false,
    arrayOid,
    ...unsigned32,
    parse: (text, context) => {
      if (text === '-' && zero === '-') return 0;
      return /^\d+$/.test(text) ? parseOid(text) : find(text, context);
    },
    format: (value, context) => (value === 0 ? zero : (nameOf(value as number, context) ?? String(value))),
  };
}

/** A name as messages have it: without its quotes, in small letters where it has none. */
export function asRead(name: string): string {
  const parts = name.matchAll(/"((?:[^"]|"")*)"|[^".]+/g);
  return [...parts]
    .map(([part, quoted]) => (quoted === undefined ? part.trim().toLowerCase() : quoted.replaceAll('""', '"')))
    .filter((part) => part !== '')
    .join('.');
}

export const regclass = namedOidType({
  oid: 2205,
  name: 'regclass',
  arrayOid: 2210,
  find(name, context) {
    if (context.resolveName === undefined) throw notSupported('a relation name as regclass in this place');
    const found = context.resolveName.relation(name);
    if (found === undefined) throw new SqlError(SqlState.UndefinedTable, `relation "${asRead(name)}" does not exist`);
    return found;
  },
  nameOf: (oid, context) => context.resolveName?.relationName(oid),
});

type Identity = Pick<NamedOid, 'oid' | 'name' | 'arrayOid' | 'zero'>;

/** Of objects that only a session can name. `missing`: the error for a name that means nothing. */
function typeOfKind(kind: NamedKind, identity: Identity, missing: (name: string) => SqlError): TypeDefinition {
  return namedOidType({
    ...identity,
    find(name, { resolveName }) {
      if (resolveName?.object === undefined) throw notSupported(`a name as ${identity.name} in this place`);
      const found = resolveName.object(kind, name);
      if (found === undefined) throw missing(name);
      return found;
    },
    nameOf: (oid, { resolveName }) => resolveName?.objectName?.(kind, oid),
  });
}

const noFunction = (name: string): SqlError =>
  new SqlError(SqlState.UndefinedFunction, `function "${name}" does not exist`);
const noOperator = (name: string): SqlError =>
  new SqlError(SqlState.UndefinedFunction, `operator does not exist: ${name}`);

export const regproc = typeOfKind('function', { oid: 24, name: 'regproc', arrayOid: 1008 }, noFunction);
export const regprocedure = typeOfKind('procedure', { oid: 2202, name: 'regprocedure', arrayOid: 2207 }, noFunction);
export const regoper = typeOfKind('operator', { oid: 2203, name: 'regoper', arrayOid: 2208, zero: '0' }, noOperator);
export const regoperator = typeOfKind(
  'operator-signature',
  { oid: 2204, name: 'regoperator', arrayOid: 2209, zero: '0' },
  noOperator,
);

export const regrole = typeOfKind(
  'role',
  { oid: 4096, name: 'regrole', arrayOid: 4097 },
  (name) => new SqlError(SqlState.UndefinedObject, `role "${asRead(name)}" does not exist`),
);

export const regnamespace = typeOfKind(
  'schema',
  { oid: 4089, name: 'regnamespace', arrayOid: 4090 },
  (name) => new SqlError(SqlState.InvalidSchemaName, `schema "${asRead(name)}" does not exist`),
);

export const regcollation = typeOfKind(
  'collation',
  { oid: 4191, name: 'regcollation', arrayOid: 4192 },
  (name) => new SqlError(SqlState.UndefinedObject, `collation "${asRead(name)}" for encoding "UTF8" does not exist`),
);

/** All of them but regtype, which knows the types. */
export const regTypes: readonly TypeDefinition[] = [
  regclass,
  regproc,
  regprocedure,
  regoper,
  regoperator,
  regrole,
  regnamespace,
  regcollation,
];
