import type { DropTableStatement } from './ast.ts';
import { relationNameOf } from './convert-relation.ts';
import type { TreeNode } from './tree-node.ts';

const TABLES_ONLY: Readonly<Record<string, true>> = { OBJECT_TABLE: true };
/** Nothing can depend on a table yet (no views, no foreign keys), so both drop the same. */
const BEHAVIORS: Readonly<Record<string, true>> = { DROP_RESTRICT: true, DROP_CASCADE: true };

export function convertDropTable(node: TreeNode): DropTableStatement {
  node.choice('removeType', TABLES_ONLY);
  node.choice('behavior', BEHAVIORS);
  const position = node.context.statementPosition;
  const statement: DropTableStatement = {
    kind: 'drop-table',
    relations: node.nodes('objects').map((object) => {
      if (object.kind !== 'List') throw object.refusal();
      // The tree does not say where in the statement a name stands.
      return relationNameOf(object.names('items'), 0);
    }),
    ifExists: node.flag('missing_ok'),
    position,
  };
  node.finish();
  return statement;
}
