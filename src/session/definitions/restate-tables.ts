import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { withPredicates } from '../../database/schema-change/indexes.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { restateStoredExpression } from '../../sql/binder/stored-expression.ts';
import type { DefinitionRun } from './definition-run.ts';
import { dependentsOf } from './dependents.ts';

/** Carries out a change of an enum, and writes the defaults and CHECKs anew which name the type or its labels. */
export async function restateTables(run: DefinitionRun, typeOid: number, change: () => void): Promise<void> {
  const found = run.catalog.enumByOid(typeOid);
  const oids = new Set<number>();
  if (found !== undefined) {
    for (const { object } of dependentsOf(run, { kind: 'type', enum: found })) {
      const hasText = object.kind !== 'column' || object.column.generated !== undefined;
      if ('table' in object && hasText) oids.add(object.table.oid);
    }
  }
  for (const oid of oids) await run.lock(oid, 'exclusive');
  const before = run.bindContext();
  // The context looks the catalog up when it is first asked.
  const tables = [...oids].flatMap((oid) => before.catalog.tableByOid(oid) ?? []);
  change();
  const { catalog } = run;
  for (const { oid } of tables) {
    const table = run.table(oid);
    const columns = storedColumns(table);
    const restated = withExpressions(table, (text, isDefault) =>
      restateStoredExpression(
        text,
        { context: before, columns: isDefault ? [] : columns },
        { catalog, columns: isDefault ? [] : columns },
      ),
    );
    run.transaction.schema.alterTable(restated);
  }
}

function withExpressions(
  table: TableDescriptor,
  restate: (text: string, isDefault: boolean) => string,
): TableDescriptor {
  const restated: TableDescriptor = {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      ...(column.default === undefined ? {} : { default: restate(column.default, true) }),
      ...(column.generated === undefined ? {} : { generated: restate(column.generated, false) }),
    })),
    constraints: table.constraints.map((constraint) =>
      constraint.kind === 'check' ? { ...constraint, expression: restate(constraint.expression, false) } : constraint,
    ),
  };
  return withPredicates(restated, (text) => restate(text, false));
}
