import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.SdkAutoConstructMap;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.xray.XRayClient;
import software.amazon.awssdk.services.xray.model.XRayException;

/**
 * Reads answers with the AWS SDK for Java and prints what it made of them, as JSON.
 *
 * <pre>Read OPERATIONS</pre>
 *
 * OPERATIONS is a file with the name of an operation on each line. Each is called once, in this
 * order, with nothing asked: whoever listens at FLUORO_ENDPOINT answers them in the same order.
 * Printed is a list of what the parser handed on, with times in seconds, or {"code": …} of the
 * exception.
 *
 * <p>Environment: FLUORO_ENDPOINT.
 */
public final class Read {
  private static final String MODEL = "software.amazon.awssdk.services.xray.model.";

  private Read() {}

  public static void main(String[] arguments) throws Exception {
    List<String> answers = new ArrayList<>();
    try (XRayClient client = client()) {
      for (String operation : Files.readAllLines(Path.of(arguments[0]))) {
        answers.add(json(read(client, operation)));
      }
    }
    System.out.println("[" + String.join(",", answers) + "]");
  }

  private static XRayClient client() {
    return XRayClient.builder()
        .endpointOverride(URI.create(System.getenv("FLUORO_ENDPOINT")))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDEXAMPLE", "secret")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(options -> options.retryStrategy(retries -> retries.maxAttempts(1)))
        .build();
  }

  private static Object read(XRayClient client, String operation) throws Exception {
    Class<?> type = Class.forName(MODEL + operation + "Request");
    Object builder = type.getMethod("builder").invoke(null);
    Object request = Class.forName(type.getName() + "$Builder").getMethod("build").invoke(builder);
    String method = Character.toLowerCase(operation.charAt(0)) + operation.substring(1);
    try {
      Object answer = XRayClient.class.getMethod(method, type).invoke(client, request);
      return members((SdkPojo) answer);
    } catch (java.lang.reflect.InvocationTargetException failed) {
      if (failed.getCause() instanceof XRayException refusal) {
        return Map.of("code", refusal.awsErrorDetails().errorCode());
      }
      throw failed;
    }
  }

  /** Members by their names on the wire, those that are set. */
  private static Map<String, Object> members(SdkPojo pojo) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (SdkField<?> field : pojo.sdkFields()) {
      Object value = field.getValueOrDefault(pojo);
      boolean isAbsent =
          value == null
              || value instanceof SdkAutoConstructList
              || value instanceof SdkAutoConstructMap;
      if (!isAbsent) members.put(field.locationName(), value);
    }
    return members;
  }

  private static String json(Object value) {
    if (value instanceof SdkPojo pojo) return json(members(pojo));
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> text((String) entry.getKey()) + ":" + json(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Read::json).collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof Instant time) return String.valueOf(time.toEpochMilli() / 1000.0);
    return value instanceof String text ? text(text) : String.valueOf(value);
  }

  private static String text(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char unit : text.toCharArray()) {
      boolean isPlain = unit >= ' ' && unit < 127 && unit != '"' && unit != '\\';
      json.append(isPlain ? String.valueOf(unit) : String.format("\\u%04x", (int) unit));
    }
    return json.append('"').toString();
  }
}
