import type { StoredView, ViewUse } from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { Query } from '../syntax/query-ast.ts';
import type { BindContext } from './bind-context.ts';
import { bindQuery } from './bind-query.ts';
import { parseQuery, queryOfView } from './bind-view.ts';
import { QueryNames } from './deparse-names.ts';
import { deparseQuery } from './deparse-query.ts';
import { QueryRecord } from './query-record.ts';
import { StatementBinding } from './statement-binding.ts';
import { neutral, withoutParameters } from './stored-expression.ts';

/** A view's query as it is stored, and what it gives and reads. */
export interface ViewQuery {
  readonly query: string;
  readonly output: readonly OutputColumn[];
  readonly uses: readonly ViewUse[];
  readonly typeOids: readonly number[];
}

/** The query of CREATE VIEW, bound in a session. Throws what binding throws, and 0A000 for what a view cannot hold. */
export function storeViewQuery(context: BindContext, query: Query): ViewQuery {
  const names = QueryNames.qualified(context.catalog);
  const { text, output, changesRows } = write(withoutParameters(context), query, { names, isPretty: false });
  if (changesRows) {
    throw new SqlError(SqlState.FeatureNotSupported, 'views must not contain data-modifying statements in WITH');
  }
  const stored: ViewQuery = { query: text, output, uses: names.uses, typeOids: names.typeOids };
  requireSameMeaning(context, stored);
  return stored;
}

/** The query of a view in the words of `after`, where what it names is called otherwise. */
export function restateViewQuery(before: BindContext, view: StoredView, after: CatalogReader): ViewQuery {
  const names = QueryNames.qualified(after);
  const { text, output } = write(neutral(before), queryOfView(view), { names, isPretty: false });
  return { query: text, output, uses: names.uses, typeOids: names.typeOids };
}

/** A view's query as a session is shown it: pg_get_viewdef. */
export function showViewQuery(
  context: BindContext,
  view: StoredView,
  { isPretty }: { readonly isPretty: boolean },
): string {
  const names = QueryNames.ofSession(context);
  const columns = view.columns.map((column) => column.name);
  const { text } = write(neutral(context), queryOfView(view), { names, isPretty, columns });
  return `${text};`;
}

interface WriteOptions {
  readonly names: QueryNames;
  readonly isPretty: boolean;
  readonly columns?: readonly string[];
}

interface Written {
  readonly text: string;
  readonly output: readonly OutputColumn[];
  readonly changesRows: boolean;
}

function write(context: BindContext, query: Query, { names, isPretty, columns }: WriteOptions): Written {
  const record = new QueryRecord();
  const binding = new StatementBinding(context, { keepsForm: true, record });
  const { output } = bindQuery(binding, query, { isTop: true });
  const changesRows = binding.statementTables.length > 0;
  if (changesRows) return { text: '', output, changesRows };
  const text = deparseQuery({ binding, record, names, isPretty }, query, { columns, areVisible: true });
  return { text, output, changesRows };
}

/** What is stored is bound again: if that fails, or gives something else, the text does not say what was meant. */
function requireSameMeaning(context: BindContext, { query, output }: ViewQuery): void {
  const again = ((): readonly OutputColumn[] | undefined => {
    try {
      return bindQuery(new StatementBinding(neutral(context)), parseQuery(query)).output;
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  })();
  const isSame =
    again?.length === output.length &&
    output.every(
      ({ type }, at) => type.definition.oid === again[at].type.definition.oid && type.typmod === again[at].type.typmod,
    );
  if (!isSame) throw notSupported('this query in a view');
}
