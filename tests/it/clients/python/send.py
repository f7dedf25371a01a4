"""Sends one trace with the X-Ray SDK for Python and prints its ids as one JSON line.

The trace holds one of everything the SDK can write: an HTTP request that ended in a 500, an
annotation of each type, nested metadata, a user, a call to DynamoDB, text beyond ASCII, and an
exception that passes through two subsegments. The SDK describes that exception once, in the inner
subsegment; the outer one only names its id, so `cause` is an object in one place and a string in
the other.

    send.py              always sampled; nobody is asked for sampling rules
    send.py --sampler    sampled by a rule the SDK fetched from the daemon; prints its name too
    send.py --stream     every subsegment leaves on its own, before the segment it belongs to

Environment: AWS_XRAY_DAEMON_ADDRESS, FLUORO_TEST_PREFIX.
"""

import argparse
import json
import os
import sys
import time

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http

RULE_WAIT_SECS = 12


class CardDeclined(Exception):
    pass


def begin_segment_by_rule(name):
    """Begins a segment that a fetched rule decided to sample, or returns None in the end.

    Until the rules arrive the SDK decides by built-in ones, which have no name; and the rule called
    Default lets only one request a second pass for certain. So this asks until both agree. What is
    given up on the way was never closed and is therefore never sent.
    """
    deadline = time.monotonic() + RULE_WAIT_SECS
    while time.monotonic() < deadline:
        segment = xray_recorder.begin_segment(name)
        if segment.sampled and "sampling_rule_name" in segment.aws["xray"]:
            return segment
        xray_recorder.clear_trace_entities()
        time.sleep(0.05)
    return None


def fill(segment, prefix):
    segment.put_http_meta(http.URL, "http://shop.example.com/orders/17")
    segment.put_http_meta(http.METHOD, "POST")
    segment.put_http_meta(http.USER_AGENT, "fluoro-test/1")
    segment.put_http_meta(http.CLIENT_IP, "192.0.2.17")
    segment.put_http_meta(http.STATUS, 500)
    segment.put_http_meta(http.CONTENT_LENGTH, 42)
    segment.set_user(f"{prefix}-user")
    segment.put_annotation("prefix", prefix)
    segment.put_annotation("city", "Zürich 東京 🚲")
    segment.put_annotation("items", 3)
    segment.put_annotation("total", 12.5)
    segment.put_annotation("express", True)
    segment.put_metadata("order", {"lines": [{"sku": "a-1", "count": 2}, {"sku": "ü", "count": 1}],
                                   "note": None, "gift": False}, "shop")
    segment.put_metadata("plain", "in the default namespace")


def work():
    with xray_recorder.in_subsegment("DynamoDB", namespace="aws") as call:
        call.set_aws({"operation": "GetItem", "table_name": "orders", "region": "eu-central-1",
                      "request_id": "3AJ5K0M2", "retries": 0})
        call.put_http_meta(http.STATUS, 200)
    try:
        with xray_recorder.in_subsegment("checkout"):
            with xray_recorder.in_subsegment("charge card"):
                raise CardDeclined("card declined: größer als das Limit")
    except CardDeclined:
        pass  # The service answers 500; the exception must not end this program.


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sampler", action="store_true")
    parser.add_argument("--stream", action="store_true")
    options = parser.parse_args()
    prefix = os.environ["FLUORO_TEST_PREFIX"]
    name = f"{prefix}-python"

    xray_recorder.configure(sampling=options.sampler,
                            streaming_threshold=0 if options.stream else None)
    segment = begin_segment_by_rule(name) if options.sampler else xray_recorder.begin_segment(name)
    if segment is None:
        sys.exit(f"no fetched rule sampled a segment within {RULE_WAIT_SECS} s")
    fill(segment, prefix)
    work()
    xray_recorder.end_segment()

    sent = {"trace_id": segment.trace_id, "segment_id": segment.id, "name": segment.name}
    if options.sampler:
        sent["rule"] = segment.aws["xray"]["sampling_rule_name"]
    print(json.dumps(sent))


main()
