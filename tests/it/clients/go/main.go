// Command send sends one trace with the X-Ray SDK for Go and prints its ids as one JSON line.
//
// The trace holds an HTTP request that ended in a 500, an annotation of each type, nested metadata,
// a user, a call to DynamoDB, and an error that passes through two subsegments; this SDK describes
// it anew in each of them.
//
//	send              always sampled; nobody is asked for sampling rules
//	send --sampler    sampled by a rule the SDK fetched from the daemon; prints its name too
//
// Environment: AWS_XRAY_DAEMON_ADDRESS, FLUORO_TEST_PREFIX.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"os"
	"time"

	"github.com/aws/aws-xray-sdk-go/v2/strategy/sampling"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"
)

const ruleWait = 12 * time.Second

var errDeclined = errors.New("card declined: größer als das Limit")

// always samples every request, so that a program without --sampler asks nobody.
type always struct{}

func (always) ShouldTrace(*sampling.Request) *sampling.Decision {
	return &sampling.Decision{Sample: true}
}

// The SDK logs to standard output unless told otherwise, and that is where our answer goes.
func init() {
	xray.SetLogger(xraylog.NewDefaultLogger(os.Stderr, xraylog.LogLevelWarn))
}

func main() {
	bySampler := flag.Bool("sampler", false, "let a rule fetched from the daemon decide")
	flag.Parse()
	prefix := os.Getenv("FLUORO_TEST_PREFIX")
	name := prefix + "-go"

	var ctx context.Context
	var segment *xray.Segment
	if *bySampler {
		ctx, segment = beginByRule(name)
	} else {
		if err := xray.Configure(xray.Config{SamplingStrategy: always{}}); err != nil {
			log.Fatal(err)
		}
		ctx, segment = xray.BeginSegment(context.Background(), name)
	}
	if segment == nil {
		log.Fatalf("no fetched rule sampled a segment within %v", ruleWait)
	}
	fill(segment, prefix)
	err := work(ctx)
	segment.Close(err)

	sent := map[string]string{
		"trace_id": segment.TraceID, "segment_id": segment.ID, "name": segment.Name,
	}
	if *bySampler {
		sent["rule"] = ruleName(segment)
	}
	if err := json.NewEncoder(os.Stdout).Encode(sent); err != nil {
		log.Fatal(err)
	}
}

// beginByRule begins a segment that a fetched rule decided to sample, or returns nil in the end.
//
// Until the rules arrive the SDK decides by built-in ones, which have no name; and the rule called
// Default lets only one request a second pass for certain. So this asks until both agree. What is
// given up on the way is never closed and therefore never sent.
func beginByRule(name string) (context.Context, *xray.Segment) {
	for deadline := time.Now().Add(ruleWait); time.Now().Before(deadline); {
		ctx, segment := xray.BeginSegment(context.Background(), name)
		if segment.Sampled && ruleName(segment) != "" {
			return ctx, segment
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil, nil
}

func ruleName(segment *xray.Segment) string {
	sdk, _ := segment.AWS["xray"].(xray.SDK)
	return sdk.RuleName
}

func fill(segment *xray.Segment, prefix string) {
	segment.Lock()
	*segment.GetHTTP().GetRequest() = xray.RequestData{
		Method: "POST", URL: "http://shop.example.com/orders/17",
		UserAgent: "fluoro-test/1", ClientIP: "192.0.2.17",
	}
	segment.GetHTTP().GetResponse().ContentLength = 42
	segment.User = prefix + "-user"
	segment.Unlock()
	xray.HttpCaptureResponse(segment, 500)

	annotations := map[string]any{
		"prefix": prefix, "city": "Zürich 東京 🚲", "items": 3, "total": 12.5, "express": true,
	}
	for key, value := range annotations {
		must(segment.AddAnnotation(key, value))
	}
	must(segment.AddMetadataToNamespace("shop", "order", map[string]any{
		"lines": []map[string]any{{"sku": "a-1", "count": 2}, {"sku": "ü", "count": 1}},
		"note":  nil, "gift": false,
	}))
	must(segment.AddMetadata("plain", "in the default namespace"))
}

func work(ctx context.Context) error {
	must(xray.Capture(ctx, "DynamoDB", func(ctx context.Context) error {
		call := xray.GetSegment(ctx)
		call.Lock()
		defer call.Unlock()
		call.Namespace = "aws"
		call.GetAWS()["operation"] = "GetItem"
		call.GetAWS()["table_name"] = "orders"
		call.GetAWS()["region"] = "eu-central-1"
		return nil
	}))
	return xray.Capture(ctx, "checkout", func(ctx context.Context) error {
		return xray.Capture(ctx, "charge card", func(context.Context) error { return errDeclined })
	})
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
