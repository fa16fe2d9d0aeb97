import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { finishedRelation } from './convert-relation.ts';
import type { RelationName } from './located.ts';
import type { LockingClause } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

const STRENGTHS: Readonly<Record<string, LockingClause['strength']>> = {
  LCS_FORKEYSHARE: 'key share',
  LCS_FORSHARE: 'share',
  LCS_FORNOKEYUPDATE: 'no key update',
  LCS_FORUPDATE: 'update',
};

const POLICIES: Readonly<Record<string, LockingClause['policy']>> = {
  LockWaitBlock: 'wait',
  LockWaitError: 'nowait',
  LockWaitSkip: 'skip',
};

/** The clauses behind a query that lock its rows; nothing when there are none. */
export function convertLocking(node: TreeNode): { readonly locking?: readonly LockingClause[] } {
  const clauses = node.nodes('lockingClause').map(convertClause);
  return clauses.length === 0 ? {} : { locking: clauses };
}

function convertClause(node: TreeNode): LockingClause {
  const strength = node.choice('strength', STRENGTHS);
  const clause = {
    strength,
    policy: node.choice('waitPolicy', POLICIES),
    tables: node.nodes('lockedRels').map((range) => unqualified(finishedRelation(range), strength)),
  };
  node.finish();
  return clause;
}

function unqualified(relation: RelationName, strength: LockingClause['strength']): RelationName {
  if (relation.schema === undefined && relation.database === undefined) return relation;
  const message = `FOR ${strength.toUpperCase()} must specify unqualified relation names`;
  throw new SqlError(SqlState.SyntaxError, message, { position: relation.position });
}
