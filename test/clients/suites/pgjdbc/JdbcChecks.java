import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TimeZone;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** pgjdbc: what an application, and a tool on top of JDBC, does with it. */
public final class JdbcChecks {
  private static final String[] SCHEMA = {
    "CREATE SCHEMA lab",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE TABLE vendors (id integer PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, code char(3))",
    "CREATE TABLE trips (id serial PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY, pickup timestamptz NOT NULL DEFAULT now(),"
        + " dropoff timestamp(3), day date, at time, at_zone timetz, lasted interval, vendor_id integer REFERENCES vendors ON DELETE CASCADE,"
        + " other_id integer CONSTRAINT trips_other REFERENCES vendors (id) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED,"
        + " distance numeric(10,2) DEFAULT 0.00, exact numeric, fare double precision CHECK (fare >= 0), tip real, small smallint DEFAULT 7,"
        + " flag boolean, note text DEFAULT 'none', bits bytea, tags text[], extra jsonb, raw json, key uuid, feeling mood DEFAULT 'ok',"
        + " doubled integer GENERATED ALWAYS AS (small * 2) STORED)",
    "CREATE INDEX trips_vendor ON trips (vendor_id, pickup DESC)",
    "CREATE UNIQUE INDEX trips_key ON trips (key)",
    "CREATE INDEX trips_expensive ON trips (fare) WHERE fare > 100",
    "CREATE TABLE lab.points (x integer, y integer, z text, CONSTRAINT points_pkey PRIMARY KEY (y, x))",
    "CREATE TABLE lab.lines (id bigint PRIMARY KEY, from_y integer, from_x integer,"
        + " CONSTRAINT lines_from FOREIGN KEY (from_y, from_x) REFERENCES lab.points (y, x))",
    "CREATE TABLE \"Strange Names\" (\"Key One\" integer PRIMARY KEY, \"select\" text)",
    "CREATE VIEW cheap AS SELECT id, fare, note FROM trips WHERE fare < 10",
    "CREATE SEQUENCE lab.counter",
    "COMMENT ON TABLE trips IS 'where people went'",
    "COMMENT ON COLUMN trips.fare IS 'in cents'",
    "COMMENT ON VIEW cheap IS 'bargains'",
  };

  public static void main(String[] arguments) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Check.version(org.postgresql.Driver.getVersion().replaceAll("^PostgreSQL JDBC Driver ", ""));
    Check.check("connects", () -> {
      try (Connection connection = connect()) {
        return Arrays.asList(
            connection.isValid(5), connection.getCatalog().equals(System.getenv("PGDATABASE")), connection.getSchema(),
            connection.getTransactionIsolation(), connection.getAutoCommit(), connection.isReadOnly(),
            connection.nativeSQL("SELECT {fn now()}, {d '2024-01-01'}"));
      }
    });
    Check.check("makes the schema", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        for (String sql : SCHEMA) statement.execute(sql);
      }
      return null;
    });
    metadata();
    types();
    statements();
    cursors();
    transactions();
    extras();
  }

  static Connection connect(String... options) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    for (int index = 0; index < options.length; index += 2) properties.setProperty(options[index], options[index + 1]);
    return DriverManager.getConnection(Check.URL, properties);
  }

  /** Every method of DatabaseMetaData. */
  private static void metadata() {
    List<Method> methods = new ArrayList<>(Arrays.asList(DatabaseMetaData.class.getMethods()));
    methods.removeIf(method -> method.getDeclaringClass() != DatabaseMetaData.class);
    methods.sort(Comparator.comparing(Method::getName).thenComparing(Method::getParameterCount));
    for (Method method : methods) {
      for (Object[] values : argumentsFor(method)) {
        String shown = Arrays.deepToString(values);
        Check.check("DatabaseMetaData." + method.getName() + shown.replaceAll("^\\[", "(").replaceAll("\\]$", ")"), () -> {
          try (Connection connection = connect()) {
            Object answer;
            try {
              answer = method.invoke(connection.getMetaData(), values);
            } catch (java.lang.reflect.InvocationTargetException error) {
              // What the driver does not have is the same on both sides.
              if (error.getCause() instanceof SQLException) return Check.thrown(() -> { throw (Exception) error.getCause(); });
              throw (Exception) error.getCause();
            }
            if (method.getName().equals("getCatalogs")) return ownCatalogs((ResultSet) answer);
            return answer instanceof ResultSet ? described((ResultSet) answer) : answered(method, answer);
          }
        });
      }
    }
  }

  /** Servers differ in their names and versions of their own; numbers of ports are by chance. */
  private static Object answered(Method method, Object answer) {
    switch (method.getName()) {
      case "getConnection":
      case "getURL":
        return answer != null;
      case "getDatabaseProductVersion":
        return String.valueOf(answer).replaceAll("\\..*", "");
      case "getDatabaseMinorVersion":
        return answer instanceof Integer;
      default:
        return answer;
    }
  }

  private static List<Object[]> argumentsFor(Method method) {
    switch (method.getName()) {
      case "getTables":
        return List.of(
            new Object[] {null, "public", "%", null}, new Object[] {null, "lab", null, new String[] {"TABLE", "SEQUENCE", "INDEX"}},
            new Object[] {"", "public", "tr%", new String[] {"TABLE", "VIEW"}}, new Object[] {null, null, "Strange Names", null},
            new Object[] {null, "pg_catalog", "pg_class", null}, new Object[] {null, "information_schema", "columns", null});
      case "getColumns":
        return List.of(
            new Object[] {null, "public", "trips", "%"}, new Object[] {null, "lab", "%", null}, new Object[] {null, null, "cheap", null},
            new Object[] {null, "public", "Strange Names", "%e%"}, new Object[] {null, "pg_catalog", "pg_class", null});
      case "getPrimaryKeys":
        return List.of(
            new Object[] {null, "public", "trips"}, new Object[] {null, "lab", "points"}, new Object[] {null, null, "cheap"});
      case "getBestRowIdentifier":
        return List.of(new Object[] {null, "public", "trips", DatabaseMetaData.bestRowSession, true}, new Object[] {null, "lab", "points", 0, false});
      case "getVersionColumns":
        return List.<Object[]>of(new Object[] {null, "public", "trips"});
      case "getImportedKeys":
        return List.of(new Object[] {null, "public", "trips"}, new Object[] {null, "lab", "lines"}, new Object[] {null, "public", "vendors"});
      case "getExportedKeys":
        return List.of(new Object[] {null, "public", "vendors"}, new Object[] {null, "lab", "points"});
      case "getCrossReference":
        return List.<Object[]>of(new Object[] {null, "public", "vendors", null, "public", "trips"});
      case "getIndexInfo":
        return List.of(new Object[] {null, "public", "trips", false, true}, new Object[] {null, "public", "trips", true, false}, new Object[] {null, "lab", "points", true, true});
      case "getColumnPrivileges":
        return List.<Object[]>of(new Object[] {null, "public", "vendors", "%"});
      case "getTablePrivileges":
        return List.<Object[]>of(new Object[] {null, "public", "%"});
      case "getSchemas":
        return method.getParameterCount() == 0 ? List.<Object[]>of(new Object[] {}) : List.<Object[]>of(new Object[] {null, "lab"});
      case "getUDTs":
        return List.<Object[]>of(new Object[] {null, "public", "%", null});
      case "getProcedures":
        return List.<Object[]>of(new Object[] {null, "public", "%"});
      case "getProcedureColumns":
        return List.<Object[]>of(new Object[] {null, "public", "%", "%"});
      case "getFunctions":
        return List.of(new Object[] {null, "pg_catalog", "date\\_%"}, new Object[] {null, "public", "%"});
      case "getFunctionColumns":
        return List.of(new Object[] {null, "pg_catalog", "date\\_trunc", "%"}, new Object[] {null, "public", "%", "%"});
      case "getSuperTypes":
      case "getSuperTables":
        return List.<Object[]>of(new Object[] {null, "public", "%"});
      case "getAttributes":
      case "getPseudoColumns":
        return List.<Object[]>of(new Object[] {null, "public", "%", "%"});
      default:
        break;
    }
    Class<?>[] kinds = method.getParameterTypes();
    if (kinds.length == 0) return List.<Object[]>of(new Object[] {});
    if (kinds.length == 1 && kinds[0] == int.class) {
      List<Object[]> values = new ArrayList<>();
      int[] tried =
          method.getName().contains("Isolation")
              ? new int[] {0, 1, 2, 4, 8}
              : new int[] {ResultSet.TYPE_FORWARD_ONLY, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.TYPE_SCROLL_SENSITIVE};
      for (int value : tried) values.add(new Object[] {value});
      return values;
    }
    if (method.getName().equals("supportsConvert")) return List.<Object[]>of(new Object[] {Types.INTEGER, Types.VARCHAR});
    if (method.getName().equals("supportsResultSetConcurrency")) {
      return List.of(
          new Object[] {ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE}, new Object[] {ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_READ_ONLY});
    }
    if (kinds.length == 1 && kinds[0] == Class.class) return List.<Object[]>of(new Object[] {PGConnection.class});
    throw new IllegalStateException("no arguments for " + method);
  }

  /** The columns' names and types, and the rows in an order of their own where JDBC has none. */
  private static Object described(ResultSet result) throws SQLException {
    ResultSetMetaData metadata = result.getMetaData();
    List<Object> columns = new ArrayList<>();
    for (int column = 1; column <= metadata.getColumnCount(); column++) {
      columns.add(metadata.getColumnLabel(column) + " " + metadata.getColumnTypeName(column));
    }
    return Arrays.asList(columns, Check.rows(result));
  }

  /** Others may have databases on the same server. */
  private static Object ownCatalogs(ResultSet result) throws SQLException {
    List<Object> rows = Check.rows(result);
    return rows.contains(List.of(System.getenv("PGDATABASE"))) && rows.contains(List.of("postgres"));
  }

  private static void types() {
    Map<String, Object[]> values = new LinkedHashMap<>();
    values.put("smallint", new Object[] {(short) -32768});
    values.put("integer", new Object[] {2147483647, -1});
    values.put("bigint", new Object[] {Long.MIN_VALUE, 9007199254740993L});
    values.put("real", new Object[] {0.25f, Float.NaN});
    values.put("double precision", new Object[] {1e300, Double.NEGATIVE_INFINITY, -0.1});
    values.put("numeric", new Object[] {new BigDecimal("12345678901234567890.123456789"), new BigDecimal("-0.00001"), new BigDecimal("1E+30")});
    values.put("numeric(10,2)", new Object[] {new BigDecimal("1.5")});
    values.put("boolean", new Object[] {true, false});
    values.put("text", new Object[] {"it's \"q\" \\ \n äöü 日本 😀", ""});
    values.put("varchar(10)", new Object[] {"abc"});
    values.put("char(5)", new Object[] {"abc"});
    values.put("bytea", new Object[] {new byte[] {0, 1, -1, 39, 92}, new byte[0]});
    values.put("date", new Object[] {Date.valueOf("2024-02-29"), LocalDate.of(1, 1, 1), LocalDate.of(9999, 12, 31), LocalDate.MAX});
    values.put("time", new Object[] {Time.valueOf("23:59:59"), LocalTime.of(12, 30, 15, 123456000)});
    values.put("timetz", new Object[] {java.time.OffsetTime.of(12, 0, 0, 0, ZoneOffset.ofHours(-3))});
    values.put("timestamp", new Object[] {Timestamp.valueOf("2024-02-29 12:30:15.123456"), LocalDateTime.of(1900, 1, 1, 0, 0), LocalDateTime.MIN});
    values.put("timestamptz", new Object[] {OffsetDateTime.of(2024, 7, 1, 12, 0, 0, 1000, ZoneOffset.ofHours(2)), OffsetDateTime.MAX});
    values.put("uuid", new Object[] {UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")});
    for (Map.Entry<String, Object[]> entry : values.entrySet()) {
      String type = entry.getKey();
      for (String binary : new String[] {"text", "binary"}) {
        Check.check("type " + type + ": there and back, in " + binary, () -> {
          try (Connection connection = connect("binaryTransfer", String.valueOf(binary.equals("binary")), "prepareThreshold", binary.equals("binary") ? "-1" : "0");
              PreparedStatement statement = connection.prepareStatement("SELECT ?::" + type + " AS v, pg_typeof(?::" + type + ")::text")) {
            List<Object> seen = new ArrayList<>();
            for (Object value : entry.getValue()) {
              for (int again = 0; again < 2; again++) {
                statement.setObject(1, value);
                statement.setObject(2, value);
                try (ResultSet result = statement.executeQuery()) {
                  result.next();
                  ResultSetMetaData metadata = result.getMetaData();
                  seen.add(Arrays.asList(result.getObject(1), result.getString(1), result.getString(2), metadata.getColumnTypeName(1), metadata.getColumnType(1), metadata.getPrecision(1), metadata.getScale(1), metadata.getColumnDisplaySize(1), metadata.getColumnClassName(1)));
                }
              }
            }
            statement.setNull(1, Types.NULL);
            statement.setNull(2, Types.NULL);
            try (ResultSet result = statement.executeQuery()) {
              result.next();
              seen.add(Arrays.asList(result.getObject(1), result.wasNull()));
            }
            return seen;
          }
        });
      }
    }
    Check.check("arrays", () -> {
      try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT ?::int[], ?::text[], ?::float8[], '{{1,2},{3,NULL}}'::bigint[], '{2024-01-01}'::date[], '{1.50}'::numeric[]")) {
        statement.setArray(1, connection.createArrayOf("int4", new Integer[] {1, null, 3}));
        statement.setArray(2, connection.createArrayOf("text", new String[] {"a", "b\"c", "d,e", "", null, "NULL"}));
        statement.setObject(3, new double[] {1.5, -2});
        List<Object> seen = new ArrayList<>();
        for (int again = 0; again < 7; again++) {
          try (ResultSet result = statement.executeQuery()) {
            result.next();
            seen.clear();
            for (int column = 1; column <= 6; column++) {
              seen.add(result.getArray(column));
              seen.add(result.getArray(column).getBaseTypeName());
              seen.add(result.getString(column));
            }
            seen.add(Check.rows(result.getArray(2).getResultSet()));
          }
        }
        return seen;
      }
    });
    Check.check("json, enums, intervals and other objects", () -> {
      try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT ?::jsonb, ?::json, ?::mood, ?::interval, ?::int + 1, 'x'::name, 5::oid, 'pg_class'::regclass")) {
        PGobject json = new PGobject();
        json.setType("jsonb");
        json.setValue("{\"b\": [1, null], \"a\": \"x\"}");
        statement.setObject(1, json);
        statement.setObject(2, "[1, 2]", Types.OTHER);
        statement.setObject(3, "happy", Types.OTHER);
        statement.setObject(4, new PGInterval(1, 2, 3, 4, 5, 6.5));
        statement.setObject(5, "41", Types.INTEGER);
        List<Object> seen = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          for (int column = 1; column <= 8; column++) seen.add(Arrays.asList(result.getObject(column), result.getMetaData().getColumnTypeName(column)));
        }
        return seen;
      }
    });
    Check.check("timestamps and time zones of sessions and calendars", () -> {
      List<Object> seen = new ArrayList<>();
      for (String zone : new String[] {"UTC", "Europe/Berlin", "America/St_Johns"}) {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT ?::timestamptz, ?::timestamp, '2024-03-31 02:30:00+01'::timestamptz, '2024-01-01 12:00'::timestamp, current_setting('timezone')")) {
          Calendar calendar = Calendar.getInstance(TimeZone.getTimeZone("Asia/Tokyo"));
          statement.setTimestamp(1, Timestamp.from(Instant.parse("2024-07-01T12:00:00.5Z")));
          statement.setTimestamp(2, Timestamp.from(Instant.parse("2024-07-01T12:00:00Z")), calendar);
          for (int again = 0; again < 6; again++) {
            try (ResultSet result = statement.executeQuery()) {
              result.next();
              List<Object> row = new ArrayList<>();
              for (int column = 1; column <= 4; column++) {
                row.add(result.getString(column));
                row.add(result.getTimestamp(column).toInstant());
                row.add(result.getTimestamp(column, calendar).toInstant());
              }
              row.add(result.getObject(1, OffsetDateTime.class));
              row.add(result.getObject(2, LocalDateTime.class));
              row.add(result.getDate(1).toString());
              row.add(result.getTime(3).toString());
              row.add(result.getString(5));
              if (again == 0 || again == 5) seen.add(row);
            }
          }
        } finally {
          TimeZone.setDefault(before);
        }
      }
      return seen;
    });
  }

  private static void statements() {
    Check.check("batches: counts, with an error in the middle, and rewritten", () -> {
      List<Object> seen = new ArrayList<>();
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE batched (a integer PRIMARY KEY, b text)");
      }
      for (String rewritten : new String[] {"false", "true"}) {
        try (Connection connection = connect("reWriteBatchedInserts", rewritten); Statement clearing = connection.createStatement()) {
          clearing.execute("TRUNCATE batched");
          try (PreparedStatement insert = connection.prepareStatement("INSERT INTO batched (a, b) VALUES (?, ?)")) {
            for (int index = 0; index < 1000; index++) {
              insert.setInt(1, index);
              insert.setString(2, "b" + index);
              insert.addBatch();
            }
            int[] counts = insert.executeBatch();
            seen.add(Arrays.asList(counts.length, counts[0], counts[999]));
            for (int value : new int[] {5000, 5001, 7, 5002}) {
              insert.setInt(1, value);
              insert.setString(2, "again");
              insert.addBatch();
            }
            seen.add(Check.thrown(insert::executeBatch).get(0));
          }
          clearing.addBatch("UPDATE batched SET b = 'x' WHERE a < 10");
          clearing.addBatch("DELETE FROM batched WHERE a >= 990");
          seen.add(clearing.executeBatch());
          try (PreparedStatement conflict = connection.prepareStatement("INSERT INTO batched (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b")) {
            for (int index = 0; index < 300; index++) {
              conflict.setInt(1, index * 5);
              conflict.setString(2, "c");
              conflict.addBatch();
            }
            seen.add(conflict.executeBatch().length);
          }
          seen.add(Check.rows(clearing.executeQuery("SELECT count(*), count(*) FILTER (WHERE b = 'c'), max(a) FROM batched")));
        }
      }
      return seen;
    });
    Check.check("generated keys: by flag, by names, in batches", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE keyed (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text DEFAULT 'n', at date DEFAULT '2024-01-01')");
        List<Object> seen = new ArrayList<>();
        statement.executeUpdate("INSERT INTO keyed (name) VALUES ('a'), ('b')", Statement.RETURN_GENERATED_KEYS);
        seen.add(Check.rows(statement.getGeneratedKeys()));
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO keyed (name) VALUES (?)", new String[] {"id", "at"})) {
          for (int index = 0; index < 20; index++) {
            insert.setString(1, "n" + index);
            insert.addBatch();
          }
          insert.executeBatch();
          seen.add(Check.rows(insert.getGeneratedKeys()));
        }
        statement.executeUpdate("UPDATE keyed SET name = 'u' WHERE id = 1", new String[] {"name"});
        seen.add(Check.rows(statement.getGeneratedKeys()));
        return seen;
      }
    });
    Check.check("prepared on the server after five executions", () -> {
      try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT a, b FROM batched WHERE a = ?")) {
        List<Object> seen = new ArrayList<>();
        for (int index = 0; index < 10; index++) {
          statement.setInt(1, index);
          seen.add(Arrays.asList(statement.unwrap(PGStatement.class).isUseServerPrepare(), Check.rows(statement.executeQuery())));
        }
        try (Statement other = connection.createStatement()) {
          seen.add(Check.rows(other.executeQuery("SELECT statement, parameter_types, from_sql FROM pg_prepared_statements WHERE statement LIKE '%batched%'")));
        }
        return seen;
      }
    });
    Check.check("a prepared statement whose table changed is prepared again", () -> {
      try (Connection connection = connect(); Statement other = connection.createStatement()) {
        other.execute("CREATE TABLE changing (a integer, b text)");
        other.execute("INSERT INTO changing VALUES (1, 'x')");
        List<Object> seen = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM changing WHERE a = ?")) {
          for (int index = 0; index < 8; index++) {
            statement.setInt(1, 1);
            seen.add(Check.rows(statement.executeQuery()));
          }
          other.execute("ALTER TABLE changing ADD c integer DEFAULT 5");
          statement.setInt(1, 1);
          seen.add(Check.rows(statement.executeQuery()));
          other.execute("ALTER TABLE changing ALTER b TYPE varchar(10)");
          statement.setInt(1, 1);
          seen.add(Check.rows(statement.executeQuery()));
          other.execute("DEALLOCATE ALL");
          statement.setInt(1, 1);
          seen.add(Check.rows(statement.executeQuery()));
          connection.setAutoCommit(false);
          for (int index = 0; index < 3; index++) Check.rows(statement.executeQuery());
          other.execute("ALTER TABLE changing DROP c");
          seen.add(Check.thrown(statement::executeQuery));
          connection.rollback();
        }
        return seen;
      }
    });
    Check.check("modes of query: simple, extended, extendedForPrepared, extendedCacheEverything", () -> {
      List<Object> seen = new ArrayList<>();
      for (String mode : new String[] {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"}) {
        try (Connection connection = connect("preferQueryMode", mode); PreparedStatement statement = connection.prepareStatement("SELECT ? + 1, ?, ?, ?")) {
          for (int index = 0; index < 6; index++) {
            statement.setInt(1, index);
            statement.setString(2, "it's \\ " + index);
            statement.setTimestamp(3, Timestamp.from(Instant.EPOCH));
            // The driver of Debian writes bytes wrongly in the simple mode.
            if (mode.equals("simple")) statement.setNull(4, Types.BINARY);
            else statement.setBytes(4, new byte[] {(byte) index, 0});
            List<Object> rows = Check.rows(statement.executeQuery());
            if (index == 5) seen.add(rows);
          }
        }
      }
      return seen;
    });
    Check.check("several statements, several results", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        List<Object> seen = new ArrayList<>();
        boolean isResult = statement.execute("SELECT 1; UPDATE batched SET b = 'm' WHERE a < 3; SELECT 2, 3; ; CREATE TEMP TABLE t (a int)");
        while (isResult || statement.getUpdateCount() >= 0) {
          seen.add(isResult ? Check.rows(statement.getResultSet()) : statement.getUpdateCount());
          isResult = statement.getMoreResults();
        }
        return seen;
      }
    });
    Check.check("metadata of results and parameters", () -> {
      try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT id, fare AS \"Fare\", note, tags, 1 + ? AS sum FROM trips WHERE key = ? AND pickup > ? AND note LIKE ?")) {
        List<Object> seen = new ArrayList<>();
        ResultSetMetaData columns = statement.getMetaData();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
          seen.add(Arrays.asList(columns.getColumnName(column), columns.getColumnLabel(column), columns.getColumnTypeName(column), columns.getTableName(column), columns.getSchemaName(column), columns.isNullable(column), columns.isAutoIncrement(column), columns.isSigned(column), columns.isCaseSensitive(column), columns.isSearchable(column), columns.isWritable(column)));
        }
        ParameterMetaData parameters = statement.getParameterMetaData();
        for (int index = 1; index <= parameters.getParameterCount(); index++) {
          seen.add(Arrays.asList(parameters.getParameterTypeName(index), parameters.getParameterType(index), parameters.getParameterMode(index)));
        }
        return seen;
      }
    });
    Check.check("errors with all their fields, and warnings", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        List<Object> seen = new ArrayList<>();
        for (String sql : new String[] {"INSERT INTO batched VALUES (1, 'x')", "INSERT INTO vendors VALUES (1, NULL)", "INSERT INTO trips (vendor_id) VALUES (99)", "INSERT INTO trips (pickup, fare) VALUES ('2024-01-01', -1)", "SELECT nothing FROM trips", "SELECT 1/0", "SELEC", "SELECT 'x'::int", "INSERT INTO vendors VALUES (1, 'x', 'too long')"}) {
          try {
            statement.execute(sql);
            seen.add(sql);
          } catch (PSQLException error) {
            ServerErrorMessage message = error.getServerErrorMessage();
            seen.add(Arrays.asList(message.getSQLState(), message.getMessage(), message.getDetail(), message.getHint(), message.getPosition(), message.getSchema(), message.getTable(), message.getColumn(), message.getDatatype(), message.getConstraint(), message.getSeverity()));
          }
        }
        statement.execute("DROP TABLE IF EXISTS not_there_at_all");
        seen.add(String.valueOf(statement.getWarnings()));
        return seen;
      }
    });
    Check.check("calls: functions with {? = call …}, and escapes", () -> {
      try (Connection connection = connect()) {
        List<Object> seen = new ArrayList<>();
        try (java.sql.CallableStatement call = connection.prepareCall("{? = call upper(?)}")) {
          call.registerOutParameter(1, Types.VARCHAR);
          call.setString(2, "abc");
          call.execute();
          seen.add(call.getString(1));
        }
        try (Statement statement = connection.createStatement()) {
          seen.add(Check.rows(statement.executeQuery("SELECT {fn concat('a', 'b')}, {fn ucase('x')}, {d '2024-02-29'}, {ts '2024-02-29 12:00:00'}, {fn mod(7, 4)}, {fn timestampadd(SQL_TSI_DAY, 1, {ts '2024-02-29 12:00:00'})}, 'x' LIKE '%x' {escape '\\'}")));
        }
        return seen;
      }
    });
  }

  private static void cursors() {
    Check.check("fetch size: a portal read in portions", () -> {
      try (Connection connection = connect()) {
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("SELECT g, 'row ' || g FROM generate_series(1, ?) g")) {
          statement.setFetchSize(70);
          statement.setInt(1, 5000);
          long total = 0;
          for (int again = 0; again < 7; again++) {
            try (ResultSet result = statement.executeQuery()) {
              while (result.next()) total += result.getInt(1) + result.getString(2).length();
            }
          }
          try (ResultSet early = statement.executeQuery()) {
            early.next();
          }
          statement.setMaxRows(100);
          return Arrays.asList(total, Check.rows(statement.executeQuery()).size());
        }
      }
    });
    Check.check("fetch size: adaptive, over a commit it ends", () -> {
      try (Connection connection = connect("defaultRowFetchSize", "50", "adaptiveFetch", "true", "maxResultBuffer", "1M")) {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery("SELECT g, repeat('x', 100) FROM generate_series(1, 3000) g")) {
          int count = 0;
          while (count < 100 && result.next()) count++;
          connection.commit();
          List<Object> gone = Check.thrown(() -> {
            while (result.next()) { }
            return null;
          });
          return Arrays.asList(count, gone == null ? null : gone.get(0));
        }
      }
    });
    Check.check("scrolling result sets", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY); ResultSet result = statement.executeQuery("SELECT g FROM generate_series(1, 20) g")) {
        List<Object> seen = new ArrayList<>();
        result.absolute(5);
        seen.add(result.getInt(1));
        result.relative(-2);
        seen.add(result.getInt(1));
        result.last();
        seen.add(result.getRow());
        result.previous();
        seen.add(result.getInt(1));
        return seen;
      }
    });
    Check.check("updatable result sets: insert, update, delete, refresh", () -> {
      try (Connection connection = connect(); Statement other = connection.createStatement(); Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
        other.execute("CREATE TABLE editable (id integer PRIMARY KEY, name text, amount numeric(8,2), at timestamptz, flag boolean, bits bytea)");
        other.execute("INSERT INTO editable SELECT g, 'n' || g, g, '2024-01-01', true, NULL FROM generate_series(1, 5) g");
        List<Object> seen = new ArrayList<>();
        try (ResultSet result = statement.executeQuery("SELECT id, name, amount, at, flag, bits FROM editable ORDER BY id")) {
          result.next();
          result.updateString("name", "changed");
          result.updateBigDecimal("amount", new BigDecimal("9.75"));
          result.updateTimestamp("at", Timestamp.from(Instant.EPOCH));
          result.updateNull("flag");
          result.updateBytes("bits", new byte[] {1, 2});
          result.updateRow();
          seen.add(result.getString("name"));
          result.next();
          result.deleteRow();
          result.moveToInsertRow();
          result.updateInt("id", 77);
          result.updateString("name", "inserted");
          result.insertRow();
          result.moveToCurrentRow();
          result.absolute(2);
          other.execute("UPDATE editable SET name = 'elsewhere' WHERE id = " + result.getInt("id"));
          result.refreshRow();
          seen.add(result.getString("name"));
          result.updateString("name", "dropped");
          result.cancelRowUpdates();
        }
        seen.add(Check.rows(other.executeQuery("SELECT * FROM editable ORDER BY id")));
        return seen;
      }
    });
  }

  private static void transactions() {
    Check.check("savepoints, rollback, isolation, read only", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        List<Object> seen = new ArrayList<>();
        statement.execute("CREATE TABLE steps (a integer)");
        connection.setAutoCommit(false);
        statement.execute("INSERT INTO steps VALUES (1)");
        Savepoint one = connection.setSavepoint();
        Savepoint two = connection.setSavepoint("two words");
        statement.execute("INSERT INTO steps VALUES (2)");
        connection.rollback(two);
        seen.add(Check.thrown(() -> statement.execute("SELECT 1/0")).get(0));
        seen.add(Check.thrown(() -> statement.execute("SELECT 1")));
        connection.rollback(one);
        connection.releaseSavepoint(one);
        statement.execute("INSERT INTO steps VALUES (3)");
        connection.commit();
        for (int level : new int[] {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_READ_COMMITTED}) {
          connection.setTransactionIsolation(level);
          seen.add(Arrays.asList(connection.getTransactionIsolation(), Check.rows(statement.executeQuery("SHOW transaction_isolation"))));
          connection.commit();
        }
        connection.setReadOnly(true);
        seen.add(Check.thrown(() -> statement.execute("INSERT INTO steps VALUES (4)")));
        connection.rollback();
        connection.setReadOnly(false);
        seen.add(Check.rows(statement.executeQuery("SELECT a FROM steps ORDER BY a")));
        connection.rollback();
        return seen;
      }
    });
    Check.check("SERIALIZABLE", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        return Check.rows(statement.executeQuery("SHOW transaction_isolation"));
      }
    });
    Check.check("autosave: an error leaves the transaction alive", () -> {
      List<Object> seen = new ArrayList<>();
      for (String mode : new String[] {"always", "conservative", "never"}) {
        try (Connection connection = connect("autosave", mode); Statement statement = connection.createStatement()) {
          connection.setAutoCommit(false);
          statement.execute("INSERT INTO steps VALUES (10)");
          seen.add(Check.thrown(() -> statement.execute("SELECT 1/0")).get(0));
          seen.add(Check.thrown(() -> statement.execute("INSERT INTO steps VALUES (11)")));
          connection.rollback();
        }
      }
      return seen;
    });
    Check.check("cancel, and a query's timeout", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        Thread canceller = new Thread(() -> {
          try {
            Thread.sleep(300);
            statement.cancel();
          } catch (Exception error) {
            throw new RuntimeException(error);
          }
        });
        canceller.start();
        List<Object> cancelled = Check.thrown(() -> statement.execute("SELECT pg_sleep(20)"));
        canceller.join();
        statement.setQueryTimeout(1);
        List<Object> late = Check.thrown(() -> statement.execute("SELECT pg_sleep(20)"));
        statement.setQueryTimeout(0);
        return Arrays.asList(cancelled, late, Check.rows(statement.executeQuery("SELECT 1")));
      }
    });
  }

  private static void extras() {
    Check.check("CopyManager: text, csv and binary, both ways", () -> {
      try (Connection connection = connect(); Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE copied (a integer, b text, c timestamptz)");
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        List<Object> seen = new ArrayList<>();
        seen.add(copy.copyIn("COPY copied FROM STDIN", new StringReader("1\tone\t2024-01-01 00:00:00+00\n2\t\\N\t\\N\n")));
        seen.add(copy.copyIn("COPY copied FROM STDIN (FORMAT csv, HEADER)", new ByteArrayInputStream("a,b,c\n3,\"x,y\",\n4,,2024-02-29\n".getBytes())));
        StringWriter text = new StringWriter();
        seen.add(copy.copyOut("COPY (SELECT * FROM copied ORDER BY a) TO STDOUT (FORMAT csv, HEADER)", text));
        seen.add(text.toString());
        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        copy.copyOut("COPY (SELECT a, b FROM copied ORDER BY a) TO STDOUT (FORMAT binary)", binary);
        seen.add(Arrays.toString(binary.toByteArray()));
        seen.add(copy.copyIn("COPY copied (a, b) FROM STDIN (FORMAT binary)", new ByteArrayInputStream(binary.toByteArray())));
        seen.add(Check.thrown(() -> copy.copyIn("COPY copied FROM STDIN", new StringReader("x\ty\tz\n"))));
        org.postgresql.copy.CopyIn given = copy.copyIn("COPY copied FROM STDIN");
        byte[] line = "99\tgiven up\t\\N\n".getBytes();
        given.writeToCopy(line, 0, line.length);
        given.cancelCopy();
        seen.add(Check.rows(statement.executeQuery("SELECT count(*), max(a) FROM copied")));
        return seen;
      }
    });
    Check.check("LISTEN and NOTIFY", () -> {
      try (Connection listener = connect(); Connection speaker = connect(); Statement listening = listener.createStatement(); Statement speaking = speaker.createStatement()) {
        listening.execute("LISTEN news");
        speaking.execute("NOTIFY news, 'hello'");
        speaking.execute("SELECT pg_notify('news', 'again')");
        List<Object> heard = new ArrayList<>();
        for (int turn = 0; turn < 20 && heard.size() < 2; turn++) {
          PGNotification[] notifications = listener.unwrap(PGConnection.class).getNotifications(250);
          if (notifications == null) continue;
          for (PGNotification notification : notifications) {
            heard.add(Arrays.asList(notification.getName(), notification.getParameter(), notification.getPID() == speaker.unwrap(PGConnection.class).getBackendPID()));
          }
        }
        return heard;
      }
    });
    Check.check("large objects", () -> {
      try (Connection connection = connect()) {
        connection.setAutoCommit(false);
        long oid = connection.unwrap(PGConnection.class).getLargeObjectAPI().createLO();
        connection.rollback();
        return oid > 0;
      }
    });
    Check.check("settings: client info, schema, network timeout, escapes of names", () -> {
      try (Connection connection = connect("ApplicationName", "checks", "currentSchema", "lab", "options", "-c statement_timeout=5000"); Statement statement = connection.createStatement()) {
        List<Object> seen = new ArrayList<>();
        seen.add(Check.rows(statement.executeQuery("SELECT current_setting('application_name'), current_schema(), current_setting('statement_timeout'), count(*) FROM points")));
        connection.setClientInfo("ApplicationName", "renamed");
        connection.setSchema("public");
        seen.add(Check.rows(statement.executeQuery("SELECT current_setting('application_name'), current_schema()")));
        seen.add(connection.getClientInfo().toString());
        seen.add(connection.unwrap(PGConnection.class).escapeIdentifier("a\"b"));
        connection.setNetworkTimeout(Runnable::run, 5000);
        seen.add(connection.getNetworkTimeout());
        return seen;
      }
    });
    Check.check("streams: text and bytes", () -> {
      try (Connection connection = connect(); PreparedStatement statement = connection.prepareStatement("SELECT ?::text, ?::bytea")) {
        statement.setCharacterStream(1, new StringReader("streamed"));
        statement.setBinaryStream(2, new ByteArrayInputStream(new byte[100_000]));
        try (ResultSet result = statement.executeQuery()) {
          result.next();
          return Arrays.asList(new java.io.BufferedReader(result.getCharacterStream(1)).readLine(), result.getBinaryStream(2).readAllBytes().length);
        }
      }
    });
  }
}
