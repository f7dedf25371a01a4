"""The front-end: asks the back-end once a second, and says what it answered."""

import time

import requests
from aws_xray_sdk.core import patch, xray_recorder

patch(["requests"])  # every call becomes a subsegment and takes the trace along
xray_recorder.configure(service="py-front-end", sampling=False)

while True:
    segment = xray_recorder.begin_segment()
    segment.put_annotation("language", "python")
    try:
        print(segment.trace_id, requests.get("http://127.0.0.1:8001/", timeout=5).text.strip())
    except requests.RequestException as problem:
        segment.add_exception(problem, [])
        print(segment.trace_id, problem)
    xray_recorder.end_segment()
    time.sleep(1)
