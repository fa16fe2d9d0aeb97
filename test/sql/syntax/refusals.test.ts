import { describe, expect, test } from 'vitest';
import { errorOf } from './parse-helper.ts';

/** What the grammar takes and we do not execute: statement → the error that refuses it. */
const REFUSED: Record<string, string> = {
  // SELECT
  'SELECT * FROM (SELECT 1 INTO t) s': '42601 SELECT ... INTO is not allowed here @30',
  'SELECT 1 UNION SELECT 2 INTO t': '42601 INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT @30',
  'CREATE VIEW v AS SELECT 1 INTO t': '0A000 views must not contain SELECT INTO',
  'CREATE UNLOGGED VIEW v AS SELECT 1': '42601 views cannot be unlogged because they do not have storage',
  'CREATE MATERIALIZED VIEW v AS SELECT 1': '0A000 CREATE MATERIALIZED VIEW is not supported @38',
  'CREATE VIEW v WITH (security_barrier) AS SELECT 1': '0A000 an option of a view is not supported @21',
  'ALTER VIEW v SET (security_barrier)': '0A000 this action of ALTER VIEW is not supported @1',
  // FROM
  'SELECT 1 FROM a TABLESAMPLE SYSTEM (1)': '0A000 TABLESAMPLE is not supported @29',
  "SELECT 1 FROM XMLTABLE('x' PASSING y COLUMNS a int)": '0A000 XMLTABLE is not supported @15',
  "SELECT 1 FROM JSON_TABLE('[]', '$' COLUMNS (a int))": '0A000 JSON_TABLE is not supported @15',
  // expressions
  'SELECT d.s.f(1)': '0A000 a function of another database (d.s.f) is not supported @8',
  'SELECT a AT LOCAL': '0A000 AT LOCAL is not supported @8',
  'SELECT a COLLATE "de_DE"': '0A000 collation "de_DE" is not supported @10',
  'SELECT a OPERATOR(s.=) ANY (b)': '0A000 the operator s.= is not supported @10',
  'SELECT a::t(x)': '0A000 a type modifier that is not a number is not supported @13',
  'SELECT a::d.s.t': '0A000 a type of another database (d.s.t) is not supported @11',
  'SELECT a::numeric(99999999999)': '22003 value "99999999999" is out of range for type integer @19',
  "SELECT JSON_OBJECT('a': 1)": '0A000 JSON_OBJECT is not supported @8',
  'SELECT a IS JSON': '0A000 IS JSON is not supported @8',
  'SELECT XMLCONCAT(a)': '0A000 an XML expression is not supported @8',
  'SELECT a.b.c.d.e': '42601 improper qualified name (too many dotted names): a.b.c.d.e @8',
  'SELECT DEFAULT': '42601 DEFAULT is not allowed in this context @8',
  'VALUES (DEFAULT)': '42601 DEFAULT is not allowed in this context @9',
  // INSERT
  'INSERT INTO t VALUES (1) RETURNING WITH (OLD AS o) o.a': '0A000 RETURNING WITH is not supported @42',
  'INSERT INTO t VALUES (DEFAULT) ORDER BY 1': '42601 DEFAULT is not allowed in this context @23',
  'INSERT INTO t SELECT * FROM (VALUES (DEFAULT)) v': '42601 DEFAULT is not allowed in this context @38',
  // UPDATE, DELETE, TRUNCATE
  'UPDATE t SET (a, b) = (1)':
    '0A000 source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression @24',
  'UPDATE t SET (a, b) = ROW(1, 2)::x':
    '0A000 source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression @23',
  'UPDATE t SET a = 1 + DEFAULT': '42601 DEFAULT is not allowed in this context @22',
  'MERGE INTO t USING u ON true WHEN MATCHED THEN DO NOTHING': '0A000 MERGE is not supported @1',
  // CREATE TABLE
  'CREATE TABLE t (a int, EXCLUDE (a WITH =))': '0A000 an exclusion constraint is not supported @24',
  'CREATE TABLE t (a int, NOT NULL a)': '0A000 NOT NULL as a table constraint is not supported @24',
  'CREATE TABLE t (a int, PRIMARY KEY (a) INCLUDE (b))': '0A000 INCLUDE in a constraint is not supported @24',
  'CREATE TABLE t (a int, PRIMARY KEY (a) WITH (fillfactor = 10))': '0A000 WITH in a constraint is not supported @46',
  'CREATE TABLE t (a int PRIMARY KEY USING INDEX TABLESPACE x)': '0A000 USING INDEX TABLESPACE is not supported @23',
  'CREATE TABLE t (a text COMPRESSION lz4)': '0A000 COMPRESSION in a column definition is not supported @17',
  'CREATE TABLE t (a text STORAGE plain)': '0A000 STORAGE in a column definition is not supported @17',
  'CREATE TABLE t () INHERITS (u)': '0A000 INHERITS or PARTITION OF is not supported @29',
  'CREATE TABLE t PARTITION OF u DEFAULT': '0A000 INHERITS or PARTITION OF is not supported @29',
  'CREATE TABLE t (a int) PARTITION BY RANGE (a)': '0A000 PARTITION BY is not supported @24',
  'CREATE TABLE t OF u': '0A000 CREATE TABLE OF is not supported @19',
  'CREATE TABLE t (a int) TABLESPACE x': '0A000 TABLESPACE is not supported @14',
  'CREATE TABLE t (a int) WITH (x = int)':
    '42601 the value of an option must be a word, a number or a string in quotes @34',
  'CREATE TABLE t (a int) WITH (x = +)': '0A000 this value of an option is not supported @1',
  'CREATE TABLE t (a text COLLATE "de_DE")': '0A000 collation "de_DE" is not supported @24',
  'CREATE TABLE t (a int) USING columnar': '0A000 access method "columnar" is not supported @1',
  // other definitions
  'CREATE INDEX ON t ((a + 1))': '0A000 an index on an expression is not supported @23',
  'CREATE INDEX ON t (a) WITH (fillfactor = 70)': '0A000 WITH in CREATE INDEX is not supported @29',
  'CREATE INDEX ON t (a) TABLESPACE x': '0A000 TABLESPACE is not supported @17',
  'CREATE INDEX ON t (a COLLATE "de_DE")': '0A000 collation "de_DE" is not supported @1',
  'CREATE TYPE t AS (a int)': '0A000 CREATE TYPE is not supported @1',
  'CREATE TYPE t': '0A000 DEFINE is not supported @1',
  'ALTER TABLE t ALTER a SET STATISTICS 5': '0A000 SET STATISTICS is not supported @1',
  'ALTER TABLE t SET (fillfactor = 70)': '0A000 SET (…) is not supported @20',
  'ALTER TABLE t ENABLE ROW LEVEL SECURITY': '0A000 ENABLE ROW LEVEL SECURITY is not supported @1',
  'ALTER TABLE t INHERIT u': '0A000 INHERIT is not supported @23',
  'ALTER TABLE t ALTER a TYPE text COLLATE "de_DE"': '0A000 collation "de_DE" is not supported @33',
  // settings and transactions
  "SET TRANSACTION SNAPSHOT 'x'": '0A000 SET TRANSACTION SNAPSHOT is not supported @26',
  'SET a FROM CURRENT': '0A000 SET … FROM CURRENT is not supported @1',
  'SET a = 1, 2': '22023 SET a takes only one argument',
  'SET TIME ZONE $1': '42601 syntax error at or near "$1" @15',
  'SET a = b, $1': '42601 syntax error at or near "$1" @12',
  "PREPARE TRANSACTION 'a'": '0A000 PREPARE TRANSACTION is not supported @1',
  "COMMIT PREPARED 'a'": '0A000 COMMIT PREPARED is not supported @1',
  "ROLLBACK PREPARED 'a'": '0A000 ROLLBACK PREPARED is not supported @1',
  // EXPLAIN
  'EXPLAIN (ANALYZE maybe) SELECT 1': '42601 analyze requires a Boolean value',
  // other statements
  'VACUUM (FREEZE) t': '0A000 VACUUM FREEZE is not supported @1',
  'CREATE PUBLICATION p': '0A000 CREATE PUBLICATION is not supported @1',
  'SELECT 1; CHECKPOINT': '0A000 CHECKPOINT is not supported @11',
};

describe('a construct that parses and is not executed is refused', () => {
  for (const [text, error] of Object.entries(REFUSED)) {
    test(text, () => expect(errorOf(text)).toBe(error));
  }
});
