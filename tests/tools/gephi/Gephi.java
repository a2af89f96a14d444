import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.gephi.graph.api.Column;
import org.gephi.graph.api.Edge;
import org.gephi.graph.api.Element;
import org.gephi.graph.api.GraphController;
import org.gephi.graph.api.GraphModel;
import org.gephi.graph.api.Interval;
import org.gephi.graph.api.Node;
import org.gephi.graph.api.types.IntervalMap;
import org.gephi.graph.api.types.IntervalSet;
import org.gephi.io.importer.api.Container;
import org.gephi.io.importer.api.EdgeDirectionDefault;
import org.gephi.io.importer.api.ImportController;
import org.gephi.io.importer.api.Issue;
import org.gephi.io.processor.plugin.DefaultProcessor;
import org.gephi.project.api.ProjectController;
import org.gephi.project.api.Workspace;
import org.openide.util.Lookup;

/** Opens a file as Gephi does, with its defaults, and writes what is in its tables then, a line of JSON for each row. */
public class Gephi {
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    ProjectController projects = Lookup.getDefault().lookup(ProjectController.class);
    projects.newProject();
    Workspace workspace = projects.getCurrentWorkspace();
    ImportController importer = Lookup.getDefault().lookup(ImportController.class);
    Container container = importer.importFile(new File(arguments[0]));
    List<Object> issues = new ArrayList<>();
    container.getReport().getIssues(100).forEachRemaining((issue) -> {
      if (issue.getLevel().compareTo(Issue.Level.WARNING) >= 0) issues.add(issue.getMessage());
    });
    container.getLoader().setEdgeDefault(EdgeDirectionDefault.DIRECTED);
    importer.process(container, new DefaultProcessor(), workspace);
    GraphModel model = Lookup.getDefault().lookup(GraphController.class).getGraphModel(workspace);
    Map<String, Object> about = new TreeMap<>();
    about.put("issues", issues);
    about.put("dynamic", model.isDynamic());
    about.put("begins", model.getTimeBounds().getLow());
    out.println(json(about));
    for (Node node : model.getGraph().getNodes()) out.println(json(row(node)));
    for (Edge edge : model.getGraph().getEdges()) {
      Map<String, Object> row = row(edge);
      row.put("_source", edge.getSource().getId());
      row.put("_target", edge.getTarget().getId());
      out.println(json(row));
    }
    out.flush();
    System.exit(0); // Gephi's threads would wait for windows
  }

  static Map<String, Object> row(Element element) {
    Map<String, Object> row = new TreeMap<>();
    for (Column column : element.getTable()) {
      Object value = element.getAttribute(column);
      if (value != null) row.put(column.isProperty() ? "_" + column.getId() : column.getTitle(), value);
    }
    return row;
  }

  static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      StringJoiner text = new StringJoiner(",", "{", "}");
      map.forEach((name, one) -> text.add(json(name) + ":" + json(one)));
      return text.toString();
    }
    if (value instanceof List<?> list) {
      StringJoiner text = new StringJoiner(",", "[", "]");
      list.forEach((one) -> text.add(json(one)));
      return text.toString();
    }
    if (value instanceof IntervalSet set) return json(moments(set.toArray()));
    if (value instanceof IntervalMap<?> map) {
      List<Object> values = new ArrayList<>();
      for (Interval interval : map.toKeysArray()) values.add(List.of(moments(interval), map.get(interval, null)));
      return json(values);
    }
    if (value instanceof Double number && !Double.isFinite(number)) return "null";
    if (value instanceof Number || value instanceof Boolean) return value.toString();
    StringBuilder text = new StringBuilder("\"");
    for (char unit : value.toString().toCharArray())
      if (unit < 0x20 || unit > 0x7e || unit == '"' || unit == '\\') text.append(String.format("\\u%04x", (int) unit));
      else text.append(unit);
    return text.append('"').toString();
  }

  static List<Object> moments(Interval... intervals) {
    List<Object> moments = new ArrayList<>();
    for (Interval interval : intervals) {
      moments.add(interval.getLow());
      moments.add(interval.getHigh());
    }
    return moments;
  }
}
