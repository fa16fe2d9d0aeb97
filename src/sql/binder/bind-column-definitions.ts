import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { typeByName } from '../../types/type-registry.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { TypeSyntax } from '../syntax/located.ts';
import type {
  CheckSyntax,
  CollationSyntax,
  ColumnConstraintSyntax,
  ColumnDefinitionSyntax,
  ForeignKeySyntax,
  GenerationSyntax,
  IdentitySyntax,
  KeySyntax,
} from '../syntax/table-definition-ast.ts';
import { isSequenceType } from './bind-sequence.ts';
import { checkNamesDiffer } from './column-names.ts';
import { resolveType } from './resolve-type.ts';
import type { StatementBinding } from './statement-binding.ts';

const MAX_COLUMNS = 1600;
const SYSTEM_COLUMNS = new Set(['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax']);
/** Integer columns with a sequence behind them: no types of their own. */
const SERIAL_TYPES: Readonly<Record<string, string>> = {
  smallserial: 'int2',
  serial2: 'int2',
  serial: 'int4',
  serial4: 'int4',
  bigserial: 'int8',
  serial8: 'int8',
};

/** A column whose type is known; its default is bound once all columns are. */
export interface DefinedColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
  /** As in the table's descriptor. */
  readonly collation?: string | undefined;
  readonly default: SyntaxExpression | undefined;
  /** A default that another table has already, as it is stored; then `default` is undefined. */
  readonly storedDefault?: string;
  /** GENERATED ALWAYS AS: an expression, or one that another table has already, as it is stored. */
  readonly generation?: SyntaxExpression | undefined;
  readonly storedGeneration?: string | undefined;
  /** A sequence of its own gives its values. */
  readonly isSerial: boolean;
  readonly identity: IdentitySyntax | undefined;
  readonly position: number;
}

/** Columns, and the constraints that were written at them. */
export interface DefinedColumns {
  readonly columns: readonly DefinedColumn[];
  readonly keys: readonly KeySyntax[];
  readonly checks: readonly CheckSyntax[];
  readonly foreignKeys: readonly ForeignKeySyntax[];
}

/** The columns of CREATE TABLE, or one of ADD COLUMN. Throws 42601, 42P16, 42701, 42704, 0A000. */
export function bindColumnDefinitions(
  binding: StatementBinding,
  tableName: string,
  definitions: readonly ColumnDefinitionSyntax[],
): DefinedColumns {
  const keys: KeySyntax[] = [];
  const checks: CheckSyntax[] = [];
  const foreignKeys: ForeignKeySyntax[] = [];
  const columns = definitions.map((definition) => {
    for (const constraint of definition.constraints) {
      if (constraint.kind === 'key') keys.push(constraint);
      else if (constraint.kind === 'check') checks.push(constraint);
      else if (constraint.kind === 'foreign-key') foreignKeys.push(constraint);
    }
    return bindColumn(binding, tableName, definition);
  });
  checkColumns(columns);
  return { columns, keys, checks, foreignKeys };
}

function bindColumn(binding: StatementBinding, tableName: string, definition: ColumnDefinitionSyntax): DefinedColumn {
  const { name, position } = definition;
  const serialType = definition.type.schema === undefined ? SERIAL_TYPES[definition.type.name] : undefined;
  const isSerial = serialType !== undefined;
  if (isSerial && definition.type.arrayDimensions > 0) {
    throw notImplemented('array of serial is not implemented', definition.type.position);
  }
  if (isSerial && definition.type.modifiers.length > 0) {
    const name = typeByName(serialType)?.sqlName ?? serialType;
    throw syntaxErrorAt(`type modifier is not allowed for type "${name}"`, definition.type.position);
  }
  const typeSyntax: TypeSyntax = isSerial
    ? { ...definition.type, schema: 'pg_catalog', name: serialType }
    : definition.type;
  const type = resolveType(binding, typeSyntax);
  if (definition.collation !== undefined) requireCollatable(type.definition, definition.collation.position);
  const said = readConstraints(tableName, definition, { isSerial, type: type.definition });
  return { name, type, collation: keptCollation(definition.collation), isSerial, position, ...said };
}

/** What the catalog keeps of COLLATE. */
export function keptCollation(written: CollationSyntax | undefined): string | undefined {
  return written?.name === 'default' ? undefined : written?.name;
}

type Said = Pick<DefinedColumn, 'isNotNull' | 'default' | 'identity' | 'generation'>;

/** What the constraints that belong to the column itself say. A contradiction is an error, saying it twice is none. */
function readConstraints(
  tableName: string,
  { name, constraints, position }: ColumnDefinitionSyntax,
  { isSerial, type }: { readonly isSerial: boolean; readonly type: TypeDefinition },
): Said {
  const where = `column "${name}" of table "${tableName}"`;
  let nullability: 'null' | 'not-null' | undefined = isSerial ? 'not-null' : undefined;
  let value: SyntaxExpression | undefined;
  let hasDefault = isSerial;
  let identity: IdentitySyntax | undefined;
  let generation: GenerationSyntax | undefined;
  for (const constraint of constraints) {
    const fail = (message: string): SqlError => syntaxError(`${message} for ${where}`, constraint);
    switch (constraint.kind) {
      case 'null':
      case 'not-null':
        if (nullability !== undefined && nullability !== constraint.kind) {
          throw fail('conflicting NULL/NOT NULL declarations');
        }
        nullability = constraint.kind;
        break;
      case 'default':
        if (hasDefault) throw fail('multiple default values specified');
        hasDefault = true;
        value = constraint.expression;
        break;
      case 'identity':
        if (identity !== undefined) throw fail('multiple identity specifications');
        identity = constraint;
        if (nullability === 'null') throw fail('conflicting NULL/NOT NULL declarations');
        nullability = 'not-null';
        break;
      case 'generated':
        if (generation !== undefined) throw fail('multiple generation clauses specified');
        generation = constraint;
        break;
      default:
        break;
    }
  }
  if (identity !== undefined && !isSequenceType(type)) {
    throw new SqlError(SqlState.InvalidParameterValue, 'identity column type must be smallint, integer, or bigint');
  }
  if (identity !== undefined && hasDefault) {
    throw syntaxErrorAt(`both default and identity specified for ${where}`, identityConflict(constraints) ?? position);
  }
  if (generation !== undefined && (hasDefault || identity !== undefined)) {
    const other = hasDefault ? 'default' : 'identity';
    const last = constraints.findLast(({ kind }) => kind === other || kind === 'generated');
    const message = `both ${other} and generation expression specified for ${where}`;
    throw syntaxErrorAt(message, isSerial ? 0 : (last?.position ?? position));
  }
  return { isNotNull: nullability === 'not-null', default: value, identity, generation: generation?.expression };
}

/** The later of DEFAULT and GENERATED, which is one too many. */
function identityConflict(constraints: readonly ColumnConstraintSyntax[]): number | undefined {
  return constraints.findLast(({ kind }) => kind === 'default' || kind === 'identity')?.position;
}

/** Of all columns of a table together. Throws 42701, 54011, and what one of them cannot be. */
export function checkColumns(columns: readonly DefinedColumn[]): void {
  if (columns.length > MAX_COLUMNS) {
    throw new SqlError(SqlState.TooManyColumns, `tables can have at most ${MAX_COLUMNS} columns`);
  }
  checkNamesDiffer(columns.map(({ name }) => name));
  for (const { name, type } of columns) {
    checkColumnName(name);
    checkColumnType(name, type.definition);
  }
}

/** Whether every table has a column of this name in PostgreSQL, be it there to be asked for here or not. */
export function isSystemColumn(name: string): boolean {
  return SYSTEM_COLUMNS.has(name);
}

/** Throws 42701 for the name of a system column. */
export function checkColumnName(name: string): void {
  if (!isSystemColumn(name)) return;
  throw new SqlError(SqlState.DuplicateColumn, `column name "${name}" conflicts with a system column name`);
}

/** Throws 42804 for a type whose values have no collation. */
export function requireCollatable(type: TypeDefinition, position: number): void {
  if (COLLATABLE.has(type.name.replace(/^_/, ''))) return;
  throw new SqlError(SqlState.DatatypeMismatch, `collations are not supported by type ${type.sqlName}`, { position });
}

const RECORD_OID = 2249;

/** And arrays over them. */
const COLLATABLE = new Set(['text', 'varchar', 'bpchar', 'name']);

/** Throws 42P16 for a type that no column can have, 0A000 for one that none can have here. */
export function checkColumnType(name: string, type: TypeDefinition): void {
  if (type.category === 'P' || type.category === 'X') {
    throw new SqlError(SqlState.InvalidTableDefinition, `column "${name}" has pseudo-type ${type.sqlName}`);
  }
  if (type.category === 'C' || type.elementOid === RECORD_OID) throw notSupported(`column "${name}": a row type`);
}

function syntaxError(message: string, { position }: { readonly position: number }): SqlError {
  return syntaxErrorAt(message, position);
}

function syntaxErrorAt(message: string, position: number): SqlError {
  return new SqlError(SqlState.SyntaxError, message, { position });
}

function notImplemented(message: string, position: number): SqlError {
  return new SqlError(SqlState.FeatureNotSupported, message, { position });
}
