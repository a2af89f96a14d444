import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.neo4j.dbms.api.*;
import org.neo4j.graphdb.*;

/** Writes what a Neo4j database holds as lines of JSON. */
public class Neo4j {
  public static void main(String[] args) throws Exception {
    DatabaseManagementService service = new DatabaseManagementServiceBuilder(java.nio.file.Path.of(args[0])).build();
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    try (Transaction tx = service.database("neo4j").beginTx()) {
      for (Node node : tx.getAllNodes()) {
        Map<String, Object> row = new TreeMap<>(node.getAllProperties());
        List<String> labels = new ArrayList<>();
        for (Label label : node.getLabels()) labels.add(label.name());
        row.put("_labels", labels);
        out.println(json(row));
      }
      for (Relationship edge : tx.getAllRelationships()) {
        Map<String, Object> row = new TreeMap<>(edge.getAllProperties());
        row.put("_type", edge.getType().name());
        row.put("_start", edge.getStartNode().getProperty("id"));
        row.put("_end", edge.getEndNode().getProperty("id"));
        out.println(json(row));
      }
    } finally {
      out.flush();
      service.shutdown();
    }
  }

  static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      StringJoiner text = new StringJoiner(",", "{", "}");
      map.forEach((name, one) -> text.add(json(name) + ":" + json(one)));
      return text.toString();
    }
    if (value instanceof Collection<?> list) return json(list.toArray());
    if (value instanceof Object[] array) {
      StringJoiner text = new StringJoiner(",", "[", "]");
      for (Object one : array) text.add(json(one));
      return text.toString();
    }
    if (value instanceof long[] array) return Arrays.toString(array);
    if (value instanceof Number number) return number.toString();
    StringBuilder text = new StringBuilder("\"");
    for (char unit : value.toString().toCharArray())
      if (unit < 0x20 || unit > 0x7e || unit == '"' || unit == '\\') text.append(String.format("\\u%04x", (int) unit));
      else text.append(unit);
    return text.append('"').toString();
  }
}
