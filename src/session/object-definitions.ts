import type { ForeignKeyConstraint } from '../catalog/constraint-descriptor.ts';
import type { IndexColumn, IndexDescriptor } from '../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import type { DefinitionFacts, DefinitionOptions } from '../functions/environment.ts';
import { quoteIdentifier } from '../functions/scalar/quoting.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { showStoredExpression } from '../sql/binder/stored-expression.ts';

interface Deferrability {
  readonly isDeferrable: boolean;
  readonly isInitiallyDeferred: boolean;
}

/** What pg_get_constraintdef and its like print. */
export class ObjectDefinitions implements DefinitionFacts {
  readonly #context: () => BindContext;

  constructor(context: () => BindContext) {
    this.#context = context;
  }

  expression(stored: string, relationOid: number, { isPretty }: DefinitionOptions): string | undefined {
    const context = this.#context();
    const text = showStoredExpression(context, stored, context.catalog.tableByOid(relationOid));
    return isPretty ? withoutParentheses(text) : text;
  }

  constraint(constraintOid: number, { isPretty }: DefinitionOptions): string | undefined {
    for (const table of this.#context().catalog.tables()) {
      const { uniqueKey } = table;
      if (uniqueKey?.constraintOid === constraintOid) {
        return keyText(table, uniqueKey, { isDeferrable: false, isInitiallyDeferred: false });
      }
      for (const constraint of table.constraints) {
        if (constraint.oid !== constraintOid) continue;
        if (constraint.kind === 'foreign-key') return this.#foreignKey(table, constraint);
        if (constraint.kind === 'check') {
          const text = showStoredExpression(this.#context(), constraint.expression, table);
          const validity = constraint.isValidated ? '' : ' NOT VALID';
          return `CHECK (${isPretty ? withoutParentheses(text) : text})${validity}`;
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
    const columns = index.columns.map((column) => quoteIdentifier(nameOf(table, column.columnNumber)) + order(column));
    const nulls = index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '';
    const what = `${unique}INDEX ${quoteIdentifier(index.name)} ON ${relation}`;
    return `CREATE ${what} USING ${index.method} (${columns.join(', ')})${nulls}`;
  }

  indexColumn(indexOid: number, column: number): string | undefined {
    const found = this.#findIndex(indexOid);
    if (found === undefined) return undefined;
    const indexColumn = found.index.columns[column - 1];
    return indexColumn === undefined ? '' : quoteIdentifier(nameOf(found.table, indexColumn.columnNumber));
  }

  #findIndex(oid: number): { readonly table: TableDescriptor; readonly index: IndexDescriptor } | undefined {
    for (const table of this.#context().catalog.tables()) {
      const index = table.indexes.find((candidate) => candidate.oid === oid);
      if (index !== undefined) return { table, index };
      const { uniqueKey } = table;
      if (uniqueKey?.indexOid !== oid) continue;
      const { name, columnNumbers, nullsNotDistinct } = uniqueKey;
      const columns = columnNumbers.map((columnNumber) => ({ columnNumber, isDescending: false, nullsFirst: false }));
      return { table, index: { oid, name, method: 'btree', columns, isUnique: true, nullsNotDistinct } };
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

/** The text without the pair of parentheses that encloses all of it. */
function withoutParentheses(text: string): string {
  if (!text.startsWith('(')) return text;
  let depth = 0;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return at === text.length - 1 ? text.slice(1, -1) : text;
    }
  }
  return text;
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

/** What differs from ascending with NULLs last. */
function order({ isDescending, nullsFirst }: IndexColumn): string {
  if (isDescending) return nullsFirst ? ' DESC' : ' DESC NULLS LAST';
  return nullsFirst ? ' NULLS FIRST' : '';
}

function namesOf(table: TableDescriptor, numbers: readonly number[]): string {
  return numbers.map((number) => quoteIdentifier(nameOf(table, number))).join(', ');
}

function nameOf(table: TableDescriptor, number: number): string {
  return table.columns.find((column) => column.number === number)?.name ?? '';
}
