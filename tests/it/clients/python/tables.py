"""Reads the two tables of a block as anybody would, with DuckDB, and prints what it finds.

    tables.py SEGMENTS TRACES
"""

import json
import sys

import duckdb

SEGMENTS, TRACES = sys.argv[1:]


def rows(query, *files):
    return [list(row) for row in duckdb.execute(query, files).fetchall()]


print(json.dumps({
    "totals": rows("""
        SELECT count(*), count(DISTINCT trace_id), sum(duration)::BIGINT, min(trace_start + start),
               max(trace_start + received), count(*) FILTER (depth = 0), max(id)
        FROM read_parquet(?)""", SEGMENTS)[0],
    "names": rows("""
        SELECT name, namespace, status, count(*), sum(flags & 1)::BIGINT
        FROM read_parquet(?) GROUP BY ALL ORDER BY ALL""", SEGMENTS),
    "annotations": rows("""
        SELECT annotation_keys, annotation_values->>'$[1]', count(*),
               sum((annotation_values->>'$[0]')::BIGINT)::BIGINT
        FROM read_parquet(?) WHERE annotation_keys IS NOT NULL GROUP BY ALL ORDER BY ALL""",
                        SEGMENTS),
    "trace_totals": rows("""
        SELECT count(*), sum(duration)::BIGINT, sum(row_count)::BIGINT, min(start), max(status),
               sum("n.rank"[1])::BIGINT, count(*) FILTER ("a.city"[1] = 'Zürich'),
               count(*) FILTER (list_contains(users, 'ann'))
        FROM read_parquet(?)""", TRACES)[0],
    "joined": rows("""
        SELECT count(*), count(*) FILTER (s.flags & 1 = 1)
        FROM read_parquet(?) s JOIN read_parquet(?) t USING (trace_id)
        WHERE t.flags & 1 = 1""", SEGMENTS, TRACES)[0],
}))
