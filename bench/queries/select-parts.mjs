const LIMIT = / LIMIT (\d+)$/i;

/** The texts between the commas of a list that stand in no parentheses. */
function splitList(text) {
  const items = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    if (character === ',' && depth === 0) items.push('');
    else items[items.length - 1] += character;
  }
  return items.map((item) => item.trim());
}

/** What the benchmark's SELECTs are made of: one level, keywords in any case; ORDER BY within an aggregate is no order,
 * nor is ClickHouse's LIMIT n BY a limit. */
export function selectParts(sql) {
  const text = sql
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/WITHIN GROUP \([^)]*\)| LIMIT \d+ BY .*$/gi, '');
  const limit = LIMIT.exec(text)?.[1];
  const unlimited = text.replace(LIMIT, '');
  const list = /^SELECT (?:DISTINCT ON \([^)]*\) )?(.*?) FROM /i.exec(text)?.[1] ?? '';
  // Of a query with others within, the last ORDER BY is its own.
  const order = / ORDER BY (?!.* ORDER BY )([^)]*(?:\([^)]*\)[^)]*)*)$/i.exec(unlimited)?.[1];
  const items = splitList(list).map((item) => {
    const named = /^(.*) AS (\w+)$/i.exec(item);
    return named === null ? { expression: item, name: item } : { expression: named[1], name: named[2] };
  });
  return {
    items,
    order: order === undefined ? [] : splitList(order).map((item) => item.replace(/ (ASC|DESC)$/i, '')),
    limit: limit === undefined ? undefined : Number(limit),
  };
}

/** Where in the answer the columns stand that it is ordered by. */
export function orderColumns(sql, columnNames) {
  const { items, order } = selectParts(sql);
  return order.map((key) => {
    const same = (text) => text.toLowerCase() === key.toLowerCase();
    const inList = items.findIndex(({ expression, name }) => same(name) || same(expression));
    const isStar = items.some(({ expression }) => expression.endsWith('*'));
    const at = isStar || inList < 0 ? columnNames.findIndex((name) => same(name) || key.endsWith(`.${name}`)) : inList;
    if (at < 0) throw new Error(`ORDER BY ${key}: not in the answer of ${sql}`);
    return at;
  });
}

/** LIMIT n as PostgreSQL's FETCH FIRST n ROWS WITH TIES: every row that might be among the first n. */
export function withTies(sql) {
  return sql.replace(LIMIT, ' FETCH FIRST $1 ROWS WITH TIES');
}
