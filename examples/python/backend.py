"""The back-end: greets whoever asks, after some thought."""

import random
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models.trace_header import TraceHeader

xray_recorder.configure(service="py-back-end", sampling=False)


class BackEnd(BaseHTTPRequestHandler):
    def do_GET(self):
        caller = TraceHeader.from_header_str(self.headers.get("X-Amzn-Trace-Id"))
        segment = xray_recorder.begin_segment(
            traceid=caller.root, parent_id=caller.parent, sampling=1)
        segment.put_http_meta("method", "GET")
        segment.put_http_meta("url", "http://py-back-end" + self.path)
        time.sleep(random.uniform(0.02, 0.06))
        segment.put_http_meta("status", 200)
        xray_recorder.end_segment()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Hello.\n")


ThreadingHTTPServer(("127.0.0.1", 8001), BackEnd).serve_forever()
