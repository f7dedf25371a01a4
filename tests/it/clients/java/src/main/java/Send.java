import com.amazonaws.xray.AWSXRayRecorder;
import com.amazonaws.xray.AWSXRayRecorderBuilder;
import com.amazonaws.xray.entities.Entity;
import com.amazonaws.xray.entities.Segment;
import com.amazonaws.xray.strategy.sampling.CentralizedSamplingStrategy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends one trace with the X-Ray SDK for Java and prints its ids as one JSON line.
 *
 * <p>The trace holds an HTTP request that ended in a 500, an annotation of each type, nested
 * metadata, a user, a call to DynamoDB, and an exception with a cause of its own that passes
 * through two subsegments. The SDK describes both exceptions once, in the inner subsegment; the
 * outer one and the segment only name an id.
 *
 * <pre>
 *   Send              always sampled; nobody is asked for sampling rules
 *   Send --sampler    sampled by a rule the SDK fetched from the daemon; prints its name too
 * </pre>
 *
 * Environment: AWS_XRAY_DAEMON_ADDRESS, FLUORO_TEST_PREFIX.
 */
public final class Send {
    private static final long RULE_WAIT_MS = 12_000;

    /** Names the failure as an application would, so that its type is not one of the JDK's. */
    private static final class CardDeclined extends RuntimeException {
        CardDeclined(String message, Throwable cause) {
            super(message, cause);
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        boolean bySampler = List.of(arguments).contains("--sampler");
        String prefix = System.getenv("FLUORO_TEST_PREFIX");
        String name = prefix + "-java";

        CentralizedSamplingStrategy sampling = new CentralizedSamplingStrategy();
        AWSXRayRecorder recorder =
            AWSXRayRecorderBuilder.standard().withSamplingStrategy(sampling).build();
        Segment segment = bySampler ? beginByRule(recorder, name) : recorder.beginSegment(name);
        // The strategy polls on threads that would keep this program alive for ever.
        sampling.shutdown();
        if (segment == null) {
            System.err.println("no fetched rule sampled a segment within " + RULE_WAIT_MS + " ms");
            System.exit(1);
        }
        String rule = ruleName(segment);
        fill(segment, prefix);
        work(recorder, segment);
        recorder.endSegment();

        System.out.printf(
            "{\"trace_id\": \"%s\", \"segment_id\": \"%s\", \"name\": \"%s\"%s}%n",
            segment.getTraceId(), segment.getId(), segment.getName(),
            rule == null ? "" : ", \"rule\": \"" + rule + "\"");
    }

    /**
     * Begins a segment that a fetched rule decided to sample, or returns null in the end.
     *
     * <p>Until the rules arrive the SDK decides by built-in ones, which have no name; and the rule
     * called Default lets only one request a second pass for certain. So this asks until both
     * agree. What is given up on the way was never ended and is therefore never sent.
     */
    private static Segment beginByRule(AWSXRayRecorder recorder, String name)
            throws InterruptedException {
        long deadline = System.currentTimeMillis() + RULE_WAIT_MS;
        while (System.currentTimeMillis() < deadline) {
            Segment segment = recorder.beginSegmentWithSampling(name);
            if (segment.isSampled() && ruleName(segment) != null) {
                return segment;
            }
            recorder.clearTraceEntity();
            Thread.sleep(50);
        }
        return null;
    }

    private static String ruleName(Segment segment) {
        return segment.getAws().get("xray") instanceof Map<?, ?> xray
            ? (String) xray.get("rule_name") : null;
    }

    private static void fill(Segment segment, String prefix) {
        segment.putHttp("request", Map.of("url", "http://shop.example.com/orders/17",
            "method", "POST", "user_agent", "fluoro-test/1", "client_ip", "192.0.2.17"));
        segment.putHttp("response", Map.of("status", 500, "content_length", 42));
        segment.setFault(true);
        segment.setUser(prefix + "-user");
        segment.putAnnotation("prefix", prefix);
        segment.putAnnotation("city", "Zürich 東京 🚲");
        segment.putAnnotation("items", 3);
        segment.putAnnotation("total", 12.5);
        segment.putAnnotation("express", true);
        Map<String, Object> order = new HashMap<>();
        order.put("lines",
            List.of(Map.of("sku", "a-1", "count", 2), Map.of("sku", "ü", "count", 1)));
        order.put("note", null);
        order.put("gift", false);
        segment.putMetadata("shop", "order", order);
        segment.putMetadata("plain", "in the default namespace");
    }

    private static void work(AWSXRayRecorder recorder, Segment segment) {
        recorder.createSubsegment("DynamoDB", call -> {
            call.setNamespace("aws");
            call.putAllAws(Map.of("operation", "GetItem", "table_name", "orders",
                "region", "eu-central-1"));
        });
        try {
            recorder.createSubsegment("checkout",
                () -> recorder.createSubsegment("charge card", Send::chargeCard));
        } catch (CardDeclined declined) {
            segment.addException(declined);
        }
    }

    private static void chargeCard(Entity subsegment) {
        throw new CardDeclined("card declined: größer als das Limit",
            new IllegalArgumentException("limit is 100"));
    }
}
