import { editDistance } from './edit-distance.ts';
import { isSystemNumber, type Relation, relationsAround, type Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** Names further apart than this are not worth suggesting. */
const MAX_DISTANCE = 3;

interface Candidate {
  readonly relation: Relation;
  readonly columnName: string;
}

/**
 * What to say about a column that does not exist: the one or two columns whose names (with the relation's, where one
 * was written) are nearest, as PostgreSQL chooses them; nothing when more are equally near.
 */
export function columnHint(
  binding: StatementBinding,
  scope: Scope,
  name: string,
  relationName: string | undefined,
): string | undefined {
  let best: Candidate[] = [];
  let bestDistance = MAX_DISTANCE + 1;
  for (const relation of knownRelations(binding, scope)) {
    if (relation.isJoin === true) continue;
    const penalty = relationName === undefined ? 0 : editDistance(relationName, relation.name);
    if (penalty > bestDistance) continue;
    for (const column of relation.columns) {
      if (column.isHidden && !isSystemNumber(column.columnNumber)) continue;
      if (penalty === 0 && column.name === name) {
        return `There is a column named "${name}" in table "${relation.name}", but it cannot be referenced from this part of the query.`;
      }
      if (column.isHidden) continue;
      const distance = editDistance(column.name, name);
      // A name of which more than half would change is no misspelling.
      if (distance > Math.floor(Buffer.byteLength(name) / 2)) continue;
      const total = distance + penalty;
      const candidate = { relation, columnName: column.name };
      if (total < bestDistance) {
        bestDistance = total;
        best = [candidate];
      } else if (total === bestDistance && total <= MAX_DISTANCE) {
        best.push(candidate);
        if (best.length < 3) continue;
        // Three at one distance: it is too low a bar, and only something nearer is worth a hint.
        best = [];
        bestDistance = total - 1;
      }
    }
  }
  const [first, second] = best.map((candidate) => `"${candidate.relation.name}.${candidate.columnName}"`);
  if (first === undefined) return undefined;
  if (second === undefined) return `Perhaps you meant to reference the column ${first}.`;
  return `Perhaps you meant to reference the column ${first} or the column ${second}.`;
}

/** An expression over a table alone (a default, a check) has no query around it. */
function knownRelations(binding: StatementBinding, scope: Scope): readonly Relation[] {
  const known = [...binding.rangeTable.all()];
  return known.length === 0 ? relationsAround(scope) : known;
}
