import type { ClientSuite } from './harness/client-suite.ts';
import { go } from './suites/go/suite.ts';
import { NODE_CLIENTS } from './suites/node/suite.ts';
import { psqlOdbc } from './suites/odbc/suite.ts';
import { dbdPg } from './suites/perl/suite.ts';
import { pgDump } from './suites/pg-dump/suite.ts';
import { PGJDBC } from './suites/pgjdbc/suite.ts';
import { postgresFdw } from './suites/postgres-fdw/suite.ts';
import { psql } from './suites/psql/suite.ts';
import { PYTHON_DRIVERS, PYTHON_TOOLS } from './suites/python-drivers/suite.ts';
import { sqlalchemyDebian, sqlalchemyNew } from './suites/sqlalchemy/suite.ts';

/** In the order in which they are run and described. */
export const SUITES: readonly ClientSuite[] = [
  psql,
  pgDump,
  ...PGJDBC,
  sqlalchemyDebian,
  ...sqlalchemyNew,
  ...PYTHON_DRIVERS,
  ...PYTHON_TOOLS,
  ...NODE_CLIENTS,
  go,
  psqlOdbc,
  dbdPg,
  postgresFdw,
];
