import type { CatalogReader, RoleDescriptor } from '../catalog/catalog-reader.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { allOperators, operatorsNamed } from '../functions/operator-registry.ts';
import { quoteIdentifier } from '../functions/scalar/quoting.ts';
import { catalogFunctionByOid, catalogFunctionsNamed, type FunctionName } from '../pg-catalog/function-names.ts';
import type { NamedKind, TypeDefinition } from '../types/type-definition.ts';
import { typeByOid, typeBySqlName } from '../types/type-registry.ts';
import { parseQualifiedName } from './qualified-name.ts';

interface Signature {
  readonly oid: number;
  readonly name: string;
  readonly types: readonly (TypeDefinition | undefined)[];
}

/** What names are looked up in. */
export interface NamedObjects {
  readonly catalog: CatalogReader;
  readonly roles: readonly RoleDescriptor[];
}

const COLLATIONS: readonly (readonly [oid: number, name: string])[] = [
  [100, 'default'],
  [950, 'C'],
  [951, 'POSIX'],
  [12340, 'ucs_basic'],
];

/** The object that a name means as regproc, regoper …, or undefined. Throws 42725 for a name of several. */
export function objectOid({ catalog, roles }: NamedObjects, kind: NamedKind, written: string): number | undefined {
  switch (kind) {
    case 'function': {
      const found = functionSignatures(inPgCatalog(written));
      if (found.length > 1) throw ambiguous(`more than one function named "${written}"`);
      return found[0]?.oid;
    }
    case 'procedure': {
      const { name, types } = parseSignature(written);
      return matching(functionSignatures(inPgCatalog(name)), types)?.oid;
    }
    case 'operator': {
      const found = operatorSignatures(operatorName(written));
      if (found.length > 1) throw ambiguous(`more than one operator named ${written}`);
      return found[0]?.oid;
    }
    case 'operator-signature': {
      const { name, types } = parseSignature(written);
      if (types.length > 2) throw new SqlError(SqlState.TooManyArguments, 'too many arguments');
      return matching(operatorSignatures(operatorName(name)), types)?.oid;
    }
    case 'role': {
      const name = singleName(written);
      return roles.find((role) => role.name === name)?.oid;
    }
    case 'schema':
      return catalog.schema(singleName(written))?.oid;
    case 'collation': {
      const name = inPgCatalog(written);
      return COLLATIONS.find(([, collation]) => collation === name)?.[0];
    }
  }
}

/** The name that means an object, qualified where it would not be found alone. */
export function objectName({ catalog, roles }: NamedObjects, kind: NamedKind, oid: number): string | undefined {
  switch (kind) {
    case 'function': {
      const found = functionByOid(oid);
      if (found === undefined) return undefined;
      return functionSignatures(found.name).length > 1
        ? `pg_catalog.${quoteIdentifier(found.name)}`
        : quoteIdentifier(found.name);
    }
    case 'procedure': {
      const found = functionByOid(oid);
      return found && `${quoteIdentifier(found.name)}(${found.types.map(typeText).join(',')})`;
    }
    case 'operator': {
      const found = operatorByOid(oid);
      if (found === undefined) return undefined;
      return operatorSignatures(found.name).length > 1 ? `pg_catalog.${found.name}` : found.name;
    }
    case 'operator-signature': {
      const found = operatorByOid(oid);
      return found && `${found.name}(${found.types.map(typeText).join(',')})`;
    }
    case 'role': {
      const name = roles.find((role) => role.oid === oid)?.name;
      return name === undefined ? undefined : quoteIdentifier(name);
    }
    case 'schema':
      for (const schema of catalog.schemas()) if (schema.oid === oid) return quoteIdentifier(schema.name);
      return undefined;
    case 'collation': {
      const name = COLLATIONS.find(([known]) => known === oid)?.[1];
      // `default` is a reserved word.
      return name === undefined ? undefined : `"${name}"`;
    }
  }
}

function ambiguous(message: string): SqlError {
  return new SqlError(SqlState.AmbiguousFunction, message);
}

function functionSignatures(name: string | undefined): readonly Signature[] {
  return name === undefined ? [] : catalogFunctionsNamed(name).map(signatureOf);
}

function functionByOid(oid: number): Signature | undefined {
  const found = catalogFunctionByOid(oid);
  return found && signatureOf(found);
}

function signatureOf({ oid, name, argumentTypeOids }: FunctionName): Signature {
  return { oid, name, types: argumentTypeOids.map(typeByOid) };
}

function operatorSignatures(name: string | undefined): readonly Signature[] {
  if (name === undefined) return [];
  return operatorsNamed(name).map(({ oid, leftType, rightType }) => ({ oid, name, types: [leftType, rightType] }));
}

function operatorByOid(oid: number): Signature | undefined {
  const found = allOperators().find((operator) => operator.oid === oid);
  return found && { oid, name: found.name, types: [found.leftType, found.rightType] };
}

function matching(
  signatures: readonly Signature[],
  types: readonly (TypeDefinition | undefined)[],
): Signature | undefined {
  return signatures.find(
    (signature) => signature.types.length === types.length && signature.types.every((type, at) => type === types[at]),
  );
}

function typeText(type: TypeDefinition | undefined): string {
  return type?.sqlName ?? 'NONE';
}

/** A name without schema or with pg_catalog, where all functions are; undefined for one in another schema. */
function inPgCatalog(written: string): string | undefined {
  const [name, schema, ...more] = parseQualifiedName(written).toReversed();
  return (schema ?? 'pg_catalog') === 'pg_catalog' && more.length === 0 ? name : undefined;
}

function operatorName(written: string): string | undefined {
  const match = /^\s*(?:pg_catalog\s*\.\s*)?([^\s\w."]+)\s*$/.exec(written);
  return match?.[1];
}

function singleName(written: string): string {
  const [name, ...more] = parseQualifiedName(written);
  if (more.length > 0) throw new SqlError(SqlState.InvalidName, 'invalid name syntax');
  return name;
}

/** `name(type, …)`; NONE stands for the side that a prefix operator lacks. Throws 22P02, 42704. */
function parseSignature(written: string): { name: string; types: (TypeDefinition | undefined)[] } {
  const open = written.indexOf('(');
  if (open < 0) throw new SqlError(SqlState.InvalidTextRepresentation, 'expected a left parenthesis');
  const close = written.trimEnd();
  if (!close.endsWith(')')) throw new SqlError(SqlState.InvalidTextRepresentation, 'expected a right parenthesis');
  const inner = close.slice(open + 1, -1).trim();
  const types = splitTypes(inner).map((text) => {
    if (text.toLowerCase() === 'none') return undefined;
    const type = typeBySqlName(text);
    if (type !== undefined) return type;
    throw new SqlError(SqlState.UndefinedObject, `type "${text}" does not exist`);
  });
  return { name: written.slice(0, open), types };
}

/** At commas outside parentheses. */
function splitTypes(text: string): string[] {
  return text === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
}
