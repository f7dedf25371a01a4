"""Sends one trace of three services that call each other, and prints its ids as one JSON line.

Each service has a recorder of its own, and all that passes between two of them is a dictionary of
HTTP headers, as on a real network: the caller opens a `remote` subsegment and lets the SDK write
X-Amzn-Trace-Id into the headers; the callee lets the SDK read it and begins its segment under the
subsegment it found there. The last segment ends first, so children reach the daemon before parents.

    front ── GET /cart ──> back ── GET /stock ──> store

Environment: AWS_XRAY_DAEMON_ADDRESS, FLUORO_TEST_PREFIX.
"""

import json
import os

from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.recorder import AWSXRayRecorder
from aws_xray_sdk.ext.util import construct_xray_header, inject_trace_header


class Service:
    """One service of the chain: a name, a recorder, and perhaps somebody to call."""

    def __init__(self, name, path, callee=None):
        self.name = name
        self.url = f"http://{name}{path}"
        self.callee = callee
        self.recorder = AWSXRayRecorder()
        self.recorder.configure(service=name, sampling=False)

    def serve(self, headers):
        """Answers one request and returns its segments, callers first."""
        header = construct_xray_header(headers)
        segment = self.recorder.begin_segment(
            traceid=header.root, parent_id=header.parent, sampling=header.sampled)
        segment.save_origin_trace_header(header)
        segment.put_http_meta(http.METHOD, "GET")
        segment.put_http_meta(http.URL, self.url)
        below = self.call() if self.callee else []
        segment.put_http_meta(http.STATUS, 200)
        self.recorder.end_segment()
        return [segment] + below

    def call(self):
        with self.recorder.in_subsegment(self.callee.name, namespace="remote") as subsegment:
            headers = {}
            inject_trace_header(headers, subsegment)
            subsegment.put_http_meta(http.METHOD, "GET")
            subsegment.put_http_meta(http.URL, self.callee.url)
            segments = self.callee.serve(headers)
            subsegment.put_http_meta(http.STATUS, 200)
        return segments


def main():
    prefix = os.environ["FLUORO_TEST_PREFIX"]
    store = Service(f"{prefix}-store", "/stock")
    back = Service(f"{prefix}-back", "/cart", store)
    front = Service(f"{prefix}-front", "/", back)
    segments = front.serve({})
    print(json.dumps({
        "trace_id": segments[0].trace_id,
        "names": [segment.name for segment in segments],
        "segment_ids": [segment.id for segment in segments],
        "parent_ids": [segment.parent_id for segment in segments],
    }))


main()
