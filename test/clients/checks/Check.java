import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the Java programs share: checks that say what they saw, one JSON line each. */
final class Check {
  static final String SIDE = System.getenv("CLIENT_SIDE");
  static final String URL =
      "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");

  interface Body {
    Object run() throws Exception;
  }

  /** The version of the client. */
  static void version(String text) {
    say(Map.of("version", text));
  }

  /** What the body returns is compared with what it returns on PostgreSQL. */
  static void check(String name, Body body) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("check", name);
    try {
      entry.put("value", plain(body.run()));
    } catch (Throwable error) {
      entry.put("error", errorText(error));
    }
    say(entry);
  }

  /** The SQLSTATE and the message of what a call throws; null when it throws nothing. */
  static List<Object> thrown(Body body) {
    try {
      body.run();
      return null;
    } catch (InvocationTargetException error) {
      return told(error.getCause());
    } catch (Throwable error) {
      return told(error);
    }
  }

  private static List<Object> told(Throwable error) {
    String state = error instanceof SQLException ? ((SQLException) error).getSQLState() : error.getClass().getSimpleName();
    return Arrays.asList(state, String.valueOf(error.getMessage()).split("\n")[0]);
  }

  private static String errorText(Throwable error) {
    StackTraceElement place = null;
    for (StackTraceElement element : error.getStackTrace()) {
      if (element.getClassName().startsWith("Jdbc")) {
        place = element;
        break;
      }
    }
    return error + (place == null ? "" : " (" + place.getFileName() + ":" + place.getLineNumber() + ")");
  }

  /** All rows, each a list of the texts of its columns. Closes it. */
  static List<Object> rows(ResultSet result) throws SQLException {
    List<Object> rows = new ArrayList<>();
    ResultSetMetaData columns = result.getMetaData();
    while (result.next()) {
      List<Object> row = new ArrayList<>();
      for (int column = 1; column <= columns.getColumnCount(); column++) row.add(result.getString(column));
      rows.add(row);
    }
    result.close();
    return rows;
  }

  /** JSON for a value; what JSON does not have is told by its class and its text. */
  static Object plain(Object value) throws Exception {
    if (value == null || value instanceof String || value instanceof Boolean || value instanceof Integer) return value;
    if (value instanceof Map) {
      Map<String, Object> result = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        result.put(String.valueOf(entry.getKey()), plain(entry.getValue()));
      }
      return result;
    }
    if (value instanceof Collection) {
      List<Object> result = new ArrayList<>();
      for (Object item : (Collection<?>) value) result.add(plain(item));
      return result;
    }
    if (value instanceof java.sql.Array) return plain(((java.sql.Array) value).getArray());
    if (value.getClass().isArray()) {
      List<Object> result = new ArrayList<>();
      for (int index = 0; index < Array.getLength(value); index++) result.add(plain(Array.get(value, index)));
      return result;
    }
    return value.getClass().getSimpleName() + " " + value;
  }

  private static void say(Object entry) {
    StringBuilder out = new StringBuilder();
    write(entry, out);
    byte[] line = out.append('\n').toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    System.out.write(line, 0, line.length);
    System.out.flush();
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof Map) {
      out.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        out.append(separator);
        write(String.valueOf(entry.getKey()), out);
        out.append(':');
        write(entry.getValue(), out);
        separator = ",";
      }
      out.append('}');
    } else if (value instanceof Collection) {
      out.append('[');
      String separator = "";
      for (Object item : (Collection<?>) value) {
        out.append(separator);
        write(item, out);
        separator = ",";
      }
      out.append(']');
    } else if (value instanceof String) {
      out.append('"');
      for (char character : ((String) value).toCharArray()) {
        if (character == '"' || character == '\\') out.append('\\').append(character);
        else if (character < ' ') out.append(String.format("\\u%04x", (int) character));
        else out.append(character);
      }
      out.append('"');
    } else {
      out.append(value);
    }
  }
}
