/** Levenshtein distance in code points: insertions, deletions and substitutions cost one each. */
export function editDistance(left: string, right: string): number {
  const source = [...left];
  const target = [...right];
  let previous = Array.from({ length: target.length + 1 }, (_, column) => column);
  for (let row = 1; row <= source.length; row++) {
    const current = [row];
    for (let column = 1; column <= target.length; column++) {
      const substitution = previous[column - 1] + (source[row - 1] === target[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[target.length];
}
