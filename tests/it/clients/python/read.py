"""Asks a server for everything it has to say about a trace, with boto3, and prints one JSON object.

Any program written against AWS X-Ray reads through a client such as this one, which is strict in
its own way: it signs every request, it checks each reply against the model of the service, and it
turns each error into an exception named by the server. So whatever is printed here was understood.

    read.py TRACE_ID [--segments N]

First a segment of its own is put, beside one with a broken id. Then all is read that should be
readable, until TRACE_ID has N segments (inferred ones not counted) and both traces are listed and
drawn, or READ_WAIT_SECS have passed; what is missing then is missing in the output too. Last come
requests that must be refused. No failure of the server ends the program: where an operation
failed, its place holds {"error": code, "message": text, "status": number}.

Environment: FLUORO_ENDPOINT (http://host:port), FLUORO_TEST_PREFIX.
"""

import argparse
import datetime
import json
import os
import secrets
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

READ_WAIT_SECS = 5
READ_PAUSE_SECS = 0.1
SUBJECT_AGE_SECS = 600


def connect():
    return boto3.client(
        "xray",
        endpoint_url=os.environ["FLUORO_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        # One attempt each: a retry would hide a server that fails every other time.
        config=Config(proxies={}, retries={"total_max_attempts": 1}, connect_timeout=5,
                      read_timeout=5),
    )


def attempt(operation, **arguments):
    """Calls an operation; a refusal is a result like any other."""
    try:
        reply = operation(**arguments)
    except ClientError as refusal:
        return {"error": refusal.response["Error"]["Code"],
                "message": refusal.response["Error"]["Message"],
                "status": refusal.response["ResponseMetadata"]["HTTPStatusCode"]}
    except BotoCoreError as failure:
        return {"error": type(failure).__name__, "message": str(failure), "status": None}
    return plain(reply)


def attempt_pages(client, operation, members, **arguments):
    """Like `attempt`, for all pages of a listing; the items of all pages end up in one list."""
    def read_all():
        pages = client.get_paginator(operation).paginate(**arguments)
        return {members: [item for page in pages for item in page.get(members, [])]}
    return attempt(read_all)


def plain(value):
    """Turns a reply into what JSON can hold: times become epoch seconds, HTTP details go."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def window():
    """The last ten minutes and a minute to come, since boto3 cuts times to whole seconds."""
    now = time.time()
    return {"StartTime": now - SUBJECT_AGE_SECS, "EndTime": now + 60}


def put(client, prefix):
    """Puts one good segment and one that must be refused; returns the reply and the trace id."""
    now = time.time()
    trace_id = f"1-{int(now):08x}-{secrets.token_hex(12)}"
    good = {"name": f"{prefix}-boto3", "id": secrets.token_hex(8), "trace_id": trace_id,
            "start_time": now - 0.25, "end_time": now, "annotations": {"prefix": prefix}}
    bad = {**good, "id": secrets.token_hex(8), "trace_id": "1-broken"}
    reply = attempt(client.put_trace_segments,
                    TraceSegmentDocuments=[json.dumps(good), json.dumps(bad)])
    return {"trace_id": trace_id, "segment_id": good["id"], "bad_segment_id": bad["id"],
            "name": good["name"], "reply": reply}


def entities(document, depth=0):
    """Lists a segment and all below it, each before its children, as flat records."""
    own = {key: value for key, value in document.items() if key not in ("subsegments", "cause")}
    own["depth"] = depth
    cause = document.get("cause")
    if isinstance(cause, str):
        own["cause_id"] = cause
    elif cause:
        own["exceptions"] = [
            {"id": exception.get("id"), "type": exception.get("type"),
             "message": exception.get("message"), "frame_count": len(exception.get("stack") or [])}
            for exception in cause.get("exceptions", [])]
    below = [record for child in document.get("subsegments", [])
             for record in entities(child, depth + 1)]
    return [own] + below


def read_traces(client, trace_ids):
    reply = attempt(client.batch_get_traces, TraceIds=trace_ids)
    if "error" in reply:
        return reply
    traces = {}
    for trace in reply["Traces"]:
        documents = [json.loads(segment["Document"]) for segment in trace["Segments"]]
        documents.sort(key=lambda document: (document["start_time"], document["id"]))
        traces[trace["Id"]] = {
            "duration": trace.get("Duration"),
            "limit_exceeded": trace.get("LimitExceeded"),
            "segment_count": sum(not document.get("inferred") for document in documents),
            "entities": [record for document in documents for record in entities(document)],
        }
    return {"traces": traces, "unprocessed": reply.get("UnprocessedTraceIds")}


def read_summaries(client, trace_ids):
    reply = attempt_pages(client, "get_trace_summaries", "TraceSummaries", **window())
    if "error" in reply:
        return reply
    return {summary["Id"]: summary for summary in reply["TraceSummaries"]
            if summary["Id"] in trace_ids}


def draw(reply, prefix=None):
    """Replaces the reference ids of a graph by names: one record for each service and edge."""
    if "error" in reply:
        return reply
    names = {service["ReferenceId"]: service["Name"] for service in reply["Services"]}
    kept = [service for service in reply["Services"]
            if prefix is None or service["Name"].startswith(prefix)]
    return [{"name": service["Name"], "type": service.get("Type"), "root": service.get("Root"),
             "state": service.get("State"), "statistics": service.get("SummaryStatistics"),
             "edges": [{"to": names.get(edge["ReferenceId"]),
                        "aliases": edge.get("Aliases"),
                        "statistics": edge.get("SummaryStatistics")}
                       for edge in service.get("Edges") or []]} for service in kept]


def read(client, trace_id, put_id, put_name, segment_count, prefix):
    """Reads both traces over and over until all is there, or until the time is up."""
    wanted = {trace_id, put_id}
    deadline = time.monotonic() + READ_WAIT_SECS
    while True:
        seen = {
            "batch": read_traces(client, [trace_id, put_id]),
            "summaries": read_summaries(client, wanted),
            "trace_graph": draw(attempt_pages(client, "get_trace_graph", "Services",
                                              TraceIds=[trace_id])),
            "service_graph": draw(attempt_pages(client, "get_service_graph", "Services",
                                                **window()), prefix),
        }
        traces = seen["batch"].get("traces", {})
        complete = (
            wanted <= traces.keys()
            and traces[trace_id]["segment_count"] >= segment_count
            and wanted <= seen["summaries"].keys()
            and isinstance(seen["trace_graph"], list) and seen["trace_graph"]
            and isinstance(seen["service_graph"], list)
            and any(node["name"] == put_name for node in seen["service_graph"]))
        if complete or time.monotonic() > deadline:
            return {"complete": bool(complete), **seen}
        time.sleep(READ_PAUSE_SECS)


def read_series(client, name):
    """Asks for the statistics of a service by the minute, with what was to be expected."""
    selector = f'service(id(name: "{name}"))'
    # The minute that goes on ends within a minute.
    times = {**window(), "EndTime": time.time() + 120}
    return attempt_pages(client, "get_time_series_service_statistics",
                         "TimeSeriesServiceStatistics", EntitySelectorExpression=selector,
                         Period=60, ForecastStatistics=True, **times)


def read_retrieval(client, trace_ids):
    """Retrieves traces in the background: all pages of them, their graph, and then calls it off."""
    started = attempt(client.start_trace_retrieval, TraceIds=trace_ids, **window())
    if "error" in started:
        return started
    token = {"RetrievalToken": started["RetrievalToken"]}
    pages = [attempt(client.list_retrieved_traces, **token)]
    while pages[-1].get("NextToken"):
        more = {**token, "NextToken": pages[-1]["NextToken"]}
        pages.append(attempt(client.list_retrieved_traces, **more))
    graph = attempt(client.get_retrieved_traces_graph, **token)
    services = [service["Service"] for service in graph.get("Services", [])]
    return {
        "pages": [{**page, "Traces": {trace["Id"]: len(trace["Spans"]) for trace in page["Traces"]}}
                  if "Traces" in page else page for page in pages],
        "graph": draw({"Services": services}) if services else graph,
        "cancelled": attempt(client.cancel_trace_retrieval, **token),
        "after": attempt(client.list_retrieved_traces, **token).get("RetrievalStatus"),
        "unknown": attempt(client.list_retrieved_traces, RetrievalToken="x"),
    }


def read_settings(client, prefix):
    statistics = {"RuleName": "Default", "ClientID": secrets.token_hex(12),
                  "Timestamp": time.time(), "RequestCount": 1, "SampledCount": 1, "BorrowCount": 0}
    record = {"Timestamp": time.time(), "SegmentsReceivedCount": 2, "SegmentsSentCount": 2,
              "SegmentsSpilloverCount": 0, "SegmentsRejectedCount": 0,
              "BackendConnectionErrors": {"TimeoutCount": 0, "ConnectionRefusedCount": 0,
                                          "HTTPCode4XXCount": 0, "HTTPCode5XXCount": 0,
                                          "UnknownHostCount": 0, "OtherCount": 0}}
    return {
        "sampling_rules": attempt_pages(client, "get_sampling_rules", "SamplingRuleRecords"),
        "sampling_targets": attempt(client.get_sampling_targets,
                                    SamplingStatisticsDocuments=[statistics]),
        "groups": attempt_pages(client, "get_groups", "Groups"),
        "group": attempt(client.get_group, GroupName="Default"),
        "encryption_config": attempt(client.get_encryption_config),
        "telemetry": attempt(client.put_telemetry_records, TelemetryRecords=[record],
                             EC2InstanceId="i-0123456789abcdef0", Hostname=f"{prefix}.example.com",
                             ResourceARN=""),
    }


def refusals(client, trace_id, prefix):
    six_ids = [f"{trace_id[:-1]}{digit}" for digit in "012345"]
    return {
        "six_ids": attempt(client.batch_get_traces, TraceIds=six_ids),
        "unknown_group": attempt(client.get_group, GroupName=f"{prefix}-none"[-32:]),
        "unknown_group_graph": attempt(client.get_service_graph, GroupName=f"{prefix}-none"[-32:],
                                       **window()),
        "broken_filter_expression": attempt(client.get_trace_summaries,
                                            FilterExpression="service(", **window()),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trace_id")
    parser.add_argument("--segments", type=int, default=1)
    options = parser.parse_args()
    prefix = os.environ["FLUORO_TEST_PREFIX"]

    client = connect()
    own = put(client, prefix)
    print(json.dumps({
        "put": own,
        **read(client, options.trace_id, own["trace_id"], own["name"], options.segments, prefix),
        "series": read_series(client, own["name"]),
        "retrieval": read_retrieval(client, [options.trace_id, own["trace_id"]]),
        **read_settings(client, prefix),
        "refused": refusals(client, options.trace_id, prefix),
    }))


main()
