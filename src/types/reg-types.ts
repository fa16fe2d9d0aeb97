import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { parseOid, unsigned32 } from './oid.ts';
import type { TypeContext, TypeDefinition } from './type-definition.ts';

/** How an object identifier that prints as a name finds names and numbers. */
export interface NamedOid {
  readonly oid: number;
  readonly name: string;
  readonly arrayOid: number;
  /** Throws when there is no such object. */
  find(name: string, context: TypeContext): number;
  nameOf(oid: number, context: TypeContext): string | undefined;
}

/** An OID whose text form is a name: digits are taken as they are, `-` is 0, and so the other way round. */
export function namedOidType({ oid, name, arrayOid, find, nameOf }: NamedOid): TypeDefinition {
  return {
    oid,
    name,
    sqlName: name,
    category: 'N',
    isPreferred: false,
    arrayOid,
    ...unsigned32,
    parse: (text, context) => {
      if (text === '-') return 0;
      return /^\d+$/.test(text) ? parseOid(text) : find(text, context);
    },
    format: (value, context) => (value === 0 ? '-' : (nameOf(value as number, context) ?? String(value))),
  };
}

export const regclass = namedOidType({
  oid: 2205,
  name: 'regclass',
  arrayOid: 2210,
  find(name, context) {
    if (context.resolveName === undefined) throw notSupported('a relation name as regclass in this place');
    const found = context.resolveName.relation(name);
    if (found === undefined) throw new SqlError(SqlState.UndefinedTable, `relation "${name}" does not exist`);
    return found;
  },
  nameOf: (oid, context) => context.resolveName?.relationName(oid),
});

export const regproc = namedOidType({
  oid: 24,
  name: 'regproc',
  arrayOid: 1008,
  find(name, context) {
    if (context.resolveName?.function === undefined) throw notSupported('a function name as regproc in this place');
    const found = context.resolveName.function(name);
    if (found === undefined) throw new SqlError(SqlState.UndefinedFunction, `function "${name}" does not exist`);
    return found;
  },
  nameOf: (oid, context) => context.resolveName?.functionName?.(oid),
});
