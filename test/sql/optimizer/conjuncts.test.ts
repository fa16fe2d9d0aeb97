import { describe, expect, test } from 'vitest';
import { explainSql } from './explain-sql.ts';

describe('conditions on a row', () => {
  test('that ask the catalog come behind those that do not, and those with subqueries last', () => {
    expect(
      explainSql(
        "select * from t where (a = 2 or a = (select max(x) from u)) and pg_table_is_visible(a::oid) and b = 'x' and c > 1",
      ),
    ).toContain(
      "  Filter: ((t.b = 'x'::text) AND (t.c > 1) AND pg_table_is_visible((t.a)::oid) AND ((t.a = 2) OR (t.a = $0)))",
    );
  });

  test('otherwise keep their order', () => {
    expect(explainSql("select * from t where c > 1 and b = 'x' and a < 3")).toContain(
      "  Filter: ((c > 1) AND (b = 'x'::text) AND (a < 3))",
    );
  });
});
