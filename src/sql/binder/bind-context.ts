import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { FunctionEnvironment } from '../../functions/environment.ts';
import type { TypeContext, TypeDefinition } from '../../types/type-definition.ts';

/** What the meaning of a statement's text depends on besides the text. */
export interface BindContext {
  readonly catalog: CatalogReader;
  /** Effective: the implicit pg_catalog included, schemas that do not exist left out or not. */
  readonly searchPath: readonly string[];
  /** Of who runs the statement. True when absent. */
  readonly isSuperuser?: boolean;
  /** Throws 42501 where a schema that is written may not be looked into. Absent: all may. */
  requireUsage?(schemaName: string, position: number): void;
  /** Those of the search path that were written into it: where new objects go. Absent: all of it. */
  writtenSchemas?(): readonly string[];
  readonly databaseName: string;
  readonly typeContext: TypeContext;
  readonly environment: FunctionEnvironment;
  /** Positions of the columns that together name a row of a stored table: what UPDATE and DELETE hand to storage. */
  rowNameColumns(table: TableDescriptor): readonly number[];
  /** The types of the parameters of what was prepared under a name. Throws 26000. Absent: nothing can be prepared. */
  preparedParameters?(name: string): readonly TypeDefinition[];
  /** Types that the client declared for `$1`, `$2` …; undefined or absent: to be inferred. */
  readonly parameterTypes: readonly (TypeDefinition | undefined)[];
  /** False for a simple query, which has no parameters: `$1` is 42P02 there. True when absent. */
  readonly allowsParameters?: boolean;
}
