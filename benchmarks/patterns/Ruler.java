import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.event.ruler.Machine;

/**
 * AWS's Event Ruler behind standard input and output, one command a line, one answer a line.
 *
 * <ul>
 *   <li>{@code rules <file>}: chooses the machine with the file's patterns, one a line; built when first asked for
 *   <li>{@code events <file>}: the events, one a line, read into memory
 *   <li>{@code round}: matches all events; answers {@code <nanoseconds of processor time> <matches>}
 *   <li>{@code judge <file>}: for each line of pattern, tab, event one of the words true, false, invalid, failed
 * </ul>
 */
public final class Ruler {
  private static final Map<Path, Machine> machines = new HashMap<>();
  private static Machine machine = new Machine();
  private static List<String> events = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 2);
      out.write(answer(words[0], words.length > 1 ? Path.of(words[1]) : null));
      out.newLine();
      out.flush();
    }
  }

  private static String answer(String command, Path file) throws Exception {
    switch (command) {
      case "rules":
        machine = machines.get(file);
        if (machine == null) {
          machine = new Machine();
          int rule = 0;
          for (String pattern : Files.readAllLines(file)) machine.addRule("rule" + rule++, pattern);
          machines.put(file, machine);
        }
        return "ok";
      case "events":
        events = Files.readAllLines(file);
        return "ok";
      case "round":
        return round();
      case "judge":
        StringBuilder verdicts = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
          String[] parts = line.split("\t", 2);
          verdicts.append(judge(parts[0], parts[1])).append(' ');
        }
        return verdicts.toString().trim();
      default:
        throw new IllegalArgumentException("unknown command " + command);
    }
  }

  private static String round() throws Exception {
    long matches = 0;
    long start = processorTime();
    for (String event : events) matches += machine.rulesForJSONEvent(event).size();
    return (processorTime() - start) + " " + matches;
  }

  // The whole process: what the compiler and the collector do for the matching counts as well.
  private static long processorTime() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  private static String judge(String pattern, String event) throws IOException {
    Machine one = new Machine();
    try {
      one.addRule("rule", pattern);
    } catch (IOException | RuntimeException invalid) {
      return "invalid";
    }
    try {
      return String.valueOf(!one.rulesForJSONEvent(event).isEmpty());
    } catch (Exception failed) {
      return "failed";
    }
  }
}
