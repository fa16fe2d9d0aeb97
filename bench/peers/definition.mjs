/** The columns of a data set's table for CREATE TABLE: time, tags, fields. `typeOf` may translate SQL's type names. */
export function definitionOf({ tags, fields }, typeOf = (type) => type) {
  const columns = [['time', 'timestamptz'], ...tags.map((name) => [name, 'text']), ...fields];
  return columns.map(([name, type]) => `"${name}" ${typeOf(type, { isTag: tags.includes(name) })}`).join(', ');
}
