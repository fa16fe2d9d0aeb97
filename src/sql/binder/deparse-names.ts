import type { ViewUse } from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import { tableOfRowType } from '../../catalog/row-type.ts';
import { invariant } from '../../errors/invariant.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { formatType } from '../../types/format-type.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { SqlType, TypeContext } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import { mapExpression } from '../expression/walk-expression.ts';
import type { BindContext } from './bind-context.ts';

/** Where types of the user begin. */
const FIRST_USER_OID = 16_384;

/** What the text of a query calls a table or view, and its columns. */
export interface RelationNames {
  readonly oid: number;
  readonly name: string;
  /** As FROM has it: with its schema where that is needed. */
  readonly text: string;
  columnName(number: number): string | undefined;
  /** The text names the column. */
  use(number: number): void;
}

/** The names in the text of a query, and what they were used for. */
export class QueryNames {
  readonly typeContext: TypeContext;
  readonly #catalog: CatalogReader;
  readonly #isVisible: (schemaName: string, name: string, oid: number) => boolean;
  readonly #uses = new Map<number, Set<number>>();
  readonly #types = new Set<number>();

  private constructor(
    catalog: CatalogReader,
    typeContext: TypeContext,
    isVisible: (schemaName: string, name: string, oid: number) => boolean,
  ) {
    this.#catalog = catalog;
    this.typeContext = typeContext;
    this.#isVisible = isVisible;
  }

  /** Names that mean the same to every session. */
  static qualified(catalog: CatalogReader): QueryNames {
    return new QueryNames(catalog, neutralContext, (schemaName) => schemaName === 'pg_catalog');
  }

  /** Names as a session would write them. */
  static ofSession({ catalog, searchPath, typeContext }: BindContext): QueryNames {
    return new QueryNames(catalog, typeContext, (_, name, oid) => {
      for (const schema of searchPath) {
        const found = catalog.table(schema, name) ?? catalog.view(schema, name) ?? catalog.userType(schema, name);
        if (found !== undefined) return found.oid === oid;
      }
      return false;
    });
  }

  get uses(): readonly ViewUse[] {
    return [...this.#uses].map(([oid, numbers]) => ({
      oid,
      columnNumbers: [...numbers].sort((left, right) => left - right),
    }));
  }

  get typeOids(): readonly number[] {
    return [...this.#types];
  }

  relation(oid: number): RelationNames {
    const table = this.#catalog.tableByOid(oid);
    const view = this.#catalog.viewByOid(oid);
    const found = table ?? view;
    invariant(found !== undefined, 'a view reads what is there');
    const { schemaName, name } = found;
    const numbers = this.#uses.get(oid) ?? new Set<number>();
    this.#uses.set(oid, numbers);
    const qualifier = this.#isVisible(schemaName, name, oid) ? '' : `${quoteIdentifier(schemaName)}.`;
    return {
      oid,
      name,
      text: `${qualifier}${quoteIdentifier(name)}`,
      columnName: (number) =>
        table === undefined
          ? view?.columns[number - 1]?.name
          : table.columns.find((column) => column.number === number)?.name,
      use: (number) => numbers.add(number),
    };
  }

  /** An enum whose labels have other names by now has another definition too. */
  withTypesOfNow(expression: Expression): Expression {
    return mapExpression(expression, (part) => {
      const { definition, typmod } = part.type;
      if (definition.oid < FIRST_USER_OID) return part;
      const now = this.#catalog.userTypeByOid(definition.oid) ?? definition;
      return now === definition ? part : { ...part, type: { definition: now, typmod } };
    });
  }

  typeName(type: SqlType): string {
    const { definition } = type;
    const element = elementTypeOf(definition) ?? definition;
    const suffix = element === definition ? '' : '[]';
    const found = this.#catalog.enumByOid(element.oid);
    if (found === undefined) {
      const table = element.oid < FIRST_USER_OID ? undefined : tableOfRowType(this.#catalog, element.oid);
      return table === undefined ? formatType(type) : `${this.relation(table.oid).text}${suffix}`;
    }
    this.#types.add(found.oid);
    const { schemaName, name } = found;
    const qualifier = this.#isVisible(schemaName, name, found.oid) ? '' : `${quoteIdentifier(schemaName)}.`;
    return `${qualifier}${quoteIdentifier(name)}${suffix}`;
  }
}
