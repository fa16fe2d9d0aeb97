import { type Sql, simplifications } from './sql-tree.ts';

/** How many simpler statements are tried at most. */
const MAX_ATTEMPTS = 600;

/** The simplest tree found for which `isStillWrong` holds; it holds for `tree` itself. */
export async function shrink(tree: Sql, isStillWrong: (candidate: Sql) => Promise<boolean>): Promise<Sql> {
  let attempts = 0;
  let current = tree;
  search: while (attempts < MAX_ATTEMPTS) {
    for (const candidate of simplifications(current)) {
      if (++attempts > MAX_ATTEMPTS) break search;
      if (await isStillWrong(candidate)) {
        current = candidate;
        continue search;
      }
    }
    break;
  }
  return current;
}

/** The fewest of some items, found by halving, for which `isStillWrong` holds; it holds for all of them. */
export async function fewest<T>(
  items: readonly T[],
  isStillWrong: (kept: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = items;
  for (
    let size = Math.ceil(kept.length / 2);
    size >= 1 && kept.length > 0;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < kept.length; ) {
      const fewer = kept.filter((_, index) => index < from || index >= from + size);
      if (fewer.length < kept.length && (await isStillWrong(fewer))) kept = fewer;
      else from += size;
    }
  }
  return kept;
}
