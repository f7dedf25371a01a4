// Traces that match: rows in order, counted and grouped by the server.

/** One trace as the list has it; times in microseconds. */
export interface TraceRow {
  id: string;
  start: number;
  duration: number | null;
  responseTime: number | null;
}
