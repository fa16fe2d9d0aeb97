import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Database } from '../database/database.ts';
import type { IngestRowRules, TableRowRules } from '../database/ingest-row-rules.ts';
import type { Instance } from '../database/instance.ts';
import { rowNameColumns } from '../database/row-name-columns.ts';
import type { Transaction } from '../database/transaction.ts';
import { notSupported, type SqlError } from '../errors/sql-error.ts';
import { evaluateExpression } from '../execution/evaluate-constant.ts';
import type { SequenceFacts, SessionFacts } from '../functions/environment.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { defaultOf } from '../sql/binder/column-default.ts';
import { StatementBinding } from '../sql/binder/statement-binding.ts';
import { neutralContext } from '../types/neutral-context.ts';
import type { TypeContext } from '../types/type-definition.ts';
import type { Int64, Value } from '../types/value.ts';
import { SessionCatalogFacts } from './catalog-facts.ts';
import { RowChecks } from './constraints/row-checks.ts';
import type { ServerIdentity } from './server-facts.ts';

const SEARCH_PATH: readonly string[] = ['pg_catalog', 'public'];
const USER_NAME = 'postgres';

interface World {
  readonly database: Database;
  readonly server: ServerIdentity;
  readonly clock: Clock;
  readonly random: Random;
}

/** Has line protocol honour what SQL has declared, in all databases of an instance. */
export function useIngestConstraints(instance: Pick<Instance, 'onDatabase'>, world: Omit<World, 'database'>): void {
  instance.onDatabase((database) => database.useRowRules(new IngestConstraints({ ...world, database })));
}

/** Defaults and CHECKs for line protocol, which has no session: UTC, the superuser. */
export class IngestConstraints implements IngestRowRules {
  readonly #world: World;
  readonly #rowChecks = new RowChecks();

  constructor(world: World) {
    this.#world = world;
  }

  ofTable(table: TableDescriptor): TableRowRules {
    const sequences = new IngestSequences(this.#world.database);
    const context = bindContext(this.#world, sequences);
    return {
      defaults: (column, count) => sequences.inTransaction(() => defaultValues(context, table, column, count)),
      firstViolation: (rows) => this.#rowChecks.firstRefused(table, rows, context, { ignoresNotNull: true }),
    };
  }
}

function defaultValues(
  context: BindContext,
  table: TableDescriptor,
  column: ColumnDescriptor,
  count: number,
): readonly Value[] | undefined {
  if (column.default === undefined && column.identity === undefined) return undefined;
  const expression = defaultOf(new StatementBinding(context), table, column);
  const { environment } = context;
  return Array.from({ length: count }, () => evaluateExpression(expression, { parameters: [], environment }));
}

function bindContext(world: World, sequences: SequenceFacts): BindContext {
  const { database } = world;
  const nowMicros = world.clock.nowMicros();
  const catalog = withTransaction(database, (transaction) => transaction.catalog());
  const typeContext: TypeContext = { ...neutralContext, transactionStart: nowMicros };
  const facts = new SessionCatalogFacts({
    catalog,
    searchPath: SEARCH_PATH,
    databaseName: database.descriptor.name,
    roles: [],
  });
  return {
    catalog,
    searchPath: SEARCH_PATH,
    databaseName: database.descriptor.name,
    typeContext,
    environment: {
      typeContext,
      statementStart: nowMicros,
      clock: () => world.clock.nowMicros(),
      random: () => world.random.fraction(),
      seedRandom: () => {},
      fillRandom: (target) => world.random.fill(target),
      session: sessionFacts(world),
      catalog: facts,
      sequences,
    },
    rowNameColumns,
    parameterTypes: [],
    allowsParameters: false,
  };
}

function sessionFacts({ database, server }: World): SessionFacts {
  return {
    databaseName: database.descriptor.name,
    userName: USER_NAME,
    sessionUserName: USER_NAME,
    processId: process.pid,
    serverVersion: server.serverVersion,
    versionText: server.versionText,
    serverStart: server.serverStart,
    currentSchemas: (includeImplicit) => (includeImplicit ? SEARCH_PATH : SEARCH_PATH.slice(1)),
    setting: () => undefined,
    changeSetting: () => {
      throw notSupported('set_config() for line protocol');
    },
  };
}

/** Sequences count outside of transactions: one for all rows of a batch, which ends with them, is enough. */
class IngestSequences implements SequenceFacts {
  readonly #database: Database;
  #transaction: Transaction | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  inTransaction<Result>(use: () => Result): Result {
    return withTransaction(this.#database, (transaction) => {
      this.#transaction = transaction;
      try {
        return use();
      } finally {
        this.#transaction = undefined;
      }
    });
  }

  next(oid: number): Int64 {
    const transaction = this.#transaction;
    return transaction === undefined ? this.inTransaction(() => this.next(oid)) : transaction.sequences.next(oid);
  }

  current(): never {
    throw refused('currval');
  }

  last(): never {
    throw refused('lastval');
  }

  set(): never {
    throw refused('setval');
  }

  lastValue(): never {
    throw refused('pg_sequence_last_value');
  }

  state(): never {
    throw refused('pg_get_sequence_data');
  }
}

function refused(name: string): SqlError {
  return notSupported(`${name}() for line protocol`);
}

function withTransaction<Result>(database: Database, use: (transaction: Transaction) => Result): Result {
  const transaction = database.begin();
  try {
    return use(transaction);
  } finally {
    transaction.rollback();
  }
}
