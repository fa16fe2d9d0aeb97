import { invariant } from '../errors/invariant.ts';
import type { BoundExplain, BoundStatement } from '../sql/binder/bound-statement.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import { sqlType, typeByName } from '../types/type-registry.ts';
import type { ResultColumn } from './result-column.ts';
import type { Settings } from './settings.ts';

/** A column of a command's own making, such as SHOW's: text, and of no table. */
export function textColumn(name: string): ResultColumn {
  const text = typeByName('text');
  invariant(text !== undefined, 'text is a type');
  return { name, type: sqlType(text), tableOid: 0, columnNumber: 0 };
}

/** What Describe tells before the statement runs; undefined: no result at all, not even an empty one. */
export function resultColumns(bound: BoundStatement, settings: Settings): readonly ResultColumn[] | undefined {
  switch (bound.kind) {
    case 'query':
      return columnsOf(bound.plan);
    case 'insert':
    case 'update':
    case 'delete':
      return bound.returning;
    case 'create-hypertable':
      return bound.columns;
    case 'explain':
      return [planColumn(bound)];
    case 'show':
      return showColumns(bound.name, settings);
    default:
      return undefined;
  }
}

/** A CASE of which constants left one branch has that one's modifier, as in PostgreSQL, where the plan is described. */
function columnsOf(plan: LogicalPlan): readonly ResultColumn[] {
  let node = plan;
  while (node.kind === 'sort' || node.kind === 'top-n' || node.kind === 'limit' || node.kind === 'distinct')
    node = node.input;
  if (node.kind !== 'project') return plan.output;
  const { expressions } = node;
  return plan.output.map((column, at) => {
    const type = expressions[at]?.type;
    return type === undefined || type.definition !== column.type.definition || type.typmod === column.type.typmod
      ? column
      : { ...column, type };
  });
}

/** One text, or one document of a type of its own. */
function planColumn({ options }: BoundExplain): ResultColumn {
  const column = textColumn('QUERY PLAN');
  const json = options.format === 'json' ? typeByName('json') : undefined;
  return json === undefined ? column : { ...column, type: sqlType(json) };
}

function showColumns(name: string, settings: Settings): readonly ResultColumn[] {
  if (name === 'all') return ['name', 'setting', 'description'].map(textColumn);
  return [textColumn(settings.show(name).name)];
}
