import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { ForeignKeyConstraint } from '../catalog/constraint-descriptor.ts';
import type { IndexColumn } from '../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import type { DefinitionFacts, DefinitionOptions } from '../functions/environment.ts';
import { quoteIdentifier } from '../functions/scalar/quoting.ts';
import { indexesOf, type RelationIndex } from '../pg-catalog/relation-index.ts';
import { allSystemRelations } from '../pg-catalog/system-relation.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { showStoredExpression } from '../sql/binder/stored-expression.ts';
import { showViewQuery } from '../sql/binder/view-query.ts';

interface Deferrability {
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
}

const FIRST_USER_OID = 16_384;

/** The defaults of a function's arguments, which are about no relation: a list of constants, kept as it is shown. */
const ARGUMENT_DEFAULTS =
  /^(NULL|true|false|-?[\d.]+|'[^']*'::[a-z[\]]+)(, (NULL|true|false|-?[\d.]+|'[^']*'::[a-z[\]]+))*$/;

/** What pg_get_constraintdef and its like print. */
export class ObjectDefinitions implements DefinitionFacts {
  readonly #context: () => BindContext;
  readonly #shared: () => SharedCatalog;

  constructor(context: () => BindContext, shared: () => SharedCatalog) {
    this.#context = context;
    this.#shared = shared;
  }

  expression(stored: string, relationOid: number, { isPretty }: DefinitionOptions): string | undefined {
    if (relationOid === 0 && ARGUMENT_DEFAULTS.test(stored)) return stored;
    const context = this.#context();
    return showStoredExpression(context, stored, context.catalog.tableByOid(relationOid), { isPretty });
  }

  constraint(constraintOid: number, { isPretty }: DefinitionOptions): string | undefined {
    const own = constraintOid < FIRST_USER_OID ? systemKey(constraintOid) : undefined;
    if (own !== undefined) return own;
    for (const table of this.#context().catalog.tables()) {
      const { uniqueKey } = table;
      if (uniqueKey?.constraintOid === constraintOid) {
        return keyText(table, uniqueKey, { isDeferrable: false, isInitiallyDeferred: false });
      }
      for (const constraint of table.constraints) {
        if (constraint.oid !== constraintOid) continue;
        if (constraint.kind === 'foreign-key') return this.#foreignKey(table, constraint);
        if (constraint.kind === 'check') {
          const text = showStoredExpression(this.#context(), constraint.expression, table, { isPretty });
          const inheritance = constraint.isNoInherit === true ? ' NO INHERIT' : '';
          const validity = constraint.isValidated ? '' : ' NOT VALID';
          return `CHECK (${text})${inheritance}${validity}`;
        }
        const index = table.indexes.find(({ oid }) => oid === constraint.indexOid);
        const nullsNotDistinct = index?.nullsNotDistinct === true;
        return keyText(table, { ...constraint, nullsNotDistinct }, constraint);
      }
    }
    return undefined;
  }

  index(indexOid: number, { isPretty }: DefinitionOptions): string | undefined {
    const found = this.#findIndex(indexOid);
    if (found === undefined) return undefined;
    const { table, index } = found;
    const relation = isPretty
      ? this.#relationName(table)
      : `${quoteIdentifier(table.schemaName)}.${quoteIdentifier(table.name)}`;
    const unique = index.isUnique ? 'UNIQUE ' : '';
    const columns = index.columns.map((column) => quoteIdentifier(nameOf(table, column.columnNumber)) + manner(column));
    const { includedColumns = [], predicate } = index;
    const included = includedColumns.length === 0 ? '' : ` INCLUDE (${namesOf(table, includedColumns)})`;
    const where = predicate === undefined ? '' : ` WHERE ${this.#shown(predicate.expression, table, isPretty)}`;
    const nulls = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
    const what = `${unique}INDEX ${quoteIdentifier(index.name)} ON ${relation}`;
    return `CREATE ${what} USING ${index.method} (${columns.join(', ')})${included}${nulls}${where}`;
  }

  indexColumn(indexOid: number, column: number): string | undefined {
    const found = this.#findIndex(indexOid);
    if (found === undefined) return undefined;
    const { columns, includedColumns = [] } = found.index;
    const number = [...columns.map(({ columnNumber }) => columnNumber), ...includedColumns][column - 1];
    return number === undefined ? '' : quoteIdentifier(nameOf(found.table, number));
  }

  view(oid: number, { isPretty }: DefinitionOptions): string | undefined {
    const context = this.#context();
    const view = context.catalog.viewByOid(oid);
    return view === undefined ? undefined : showViewQuery(context, view, { isPretty });
  }

  comment(objectOid: number, catalogName: string | undefined, subId: number): string | undefined {
    const { catalog } = this.#context();
    const system = catalogName === undefined ? undefined : catalog.table('pg_catalog', catalogName);
    if (catalogName !== undefined && system === undefined) return undefined;
    if (system !== undefined) return catalog.comment({ classOid: system.oid, objectOid, subId })?.text;
    for (const comment of catalog.comments()) {
      if (comment.objectOid === objectOid && comment.subId === subId) return comment.text;
    }
    return undefined;
  }

  sharedComment(objectOid: number, catalogName: string): string | undefined {
    const { catalog } = this.#context();
    const system = catalog.table('pg_catalog', catalogName);
    return system && this.#shared().comment(system.oid, objectOid)?.text;
  }

  #shown(stored: string, table: TableDescriptor, isPretty: boolean): string {
    return showStoredExpression(this.#context(), stored, table, { isPretty });
  }

  #findIndex(oid: number): { readonly table: TableDescriptor; readonly index: RelationIndex } | undefined {
    for (const table of this.#context().catalog.tables()) {
      const index = indexesOf(table).find((candidate) => candidate.oid === oid);
      if (index !== undefined) return { table, index };
    }
    return undefined;
  }

  #foreignKey(table: TableDescriptor, constraint: ForeignKeyConstraint): string {
    const referenced = this.#context().catalog.tableByOid(constraint.referencedTableOid);
    invariant(referenced !== undefined, 'a foreign key refers to a table');
    const { match, onUpdate, onDelete, deleteSetColumnNumbers, isValidated } = constraint;
    const deleteSet = deleteSetColumnNumbers.length === 0 ? '' : ` (${namesOf(table, deleteSetColumnNumbers)})`;
    return [
      `FOREIGN KEY (${namesOf(table, constraint.columnNumbers)})`,
      ` REFERENCES ${this.#relationName(referenced)}(${namesOf(referenced, constraint.referencedColumnNumbers)})`,
      match === 'full' ? ' MATCH FULL' : '',
      onUpdate === 'no action' ? '' : ` ON UPDATE ${onUpdate.toUpperCase()}`,
      onDelete === 'no action' ? '' : ` ON DELETE ${onDelete.toUpperCase()}${deleteSet}`,
      deferring(constraint),
      isValidated ? '' : ' NOT VALID',
    ].join('');
  }

  #relationName({ schemaName, name, oid }: TableDescriptor): string {
    const { catalog, searchPath } = this.#context();
    const schema = searchPath.find((candidate) => catalog.table(candidate, name) !== undefined);
    const isVisible = schema !== undefined && catalog.table(schema, name)?.oid === oid;
    return isVisible ? quoteIdentifier(name) : `${quoteIdentifier(schemaName)}.${quoteIdentifier(name)}`;
  }
}

/** A key of one of the system's own tables. */
function systemKey(constraintOid: number): string | undefined {
  for (const { descriptor, indexes } of allSystemRelations()) {
    const index = indexes.find(({ constraint }) => constraint?.oid === constraintOid);
    if (index === undefined) continue;
    const columnNumbers = index.columns.map(({ columnNumber }) => columnNumber);
    const key = { isPrimary: index.isPrimary, nullsNotDistinct: false, columnNumbers };
    return keyText(descriptor, key, { isDeferrable: false, isInitiallyDeferred: false });
  }
  return undefined;
}

function keyText(
  table: TableDescriptor,
  key: { readonly isPrimary: boolean; readonly nullsNotDistinct: boolean; readonly columnNumbers: readonly number[] },
  deferrability: Deferrability,
): string {
  const kind = key.isPrimary ? 'PRIMARY KEY' : `UNIQUE${key.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''}`;
  return `${kind} (${namesOf(table, key.columnNumbers)})${deferring(deferrability)}`;
}

function deferring({ isDeferrable, isInitiallyDeferred }: Deferrability): string {
  return `${isDeferrable ? ' DEFERRABLE' : ''}${isInitiallyDeferred ? ' INITIALLY DEFERRED' : ''}`;
}

/** What differs from ascending with NULLs last in the manner of the type. */
function manner({ isDescending, nullsFirst, collation, operatorClass }: IndexColumn): string {
  const collated = collation === undefined ? '' : ` COLLATE ${quoteIdentifier(collation)}`;
  const classed = operatorClass === undefined ? '' : ` ${operatorClass}`;
  const order = isDescending ? (nullsFirst ? ' DESC' : ' DESC NULLS LAST') : nullsFirst ? ' NULLS FIRST' : '';
  return collated + classed + order;
}

function namesOf(table: TableDescriptor, numbers: readonly number[]): string {
  return numbers.map((number) => quoteIdentifier(nameOf(table, number))).join(', ');
}

function nameOf(table: TableDescriptor, number: number): string {
  return table.columns.find((column) => column.number === number)?.name ?? '';
}
