// The whole list as a file.
import { allRows } from '../../api/traces.ts';
import type { Order } from '../../api/traces.ts';
import type { Chosen } from '../../api/scope.ts';
import { csvOf, headOf } from '../../model/csv.ts';

/** How many traces one file has at most. */
export const DOWNLOAD_MAX = 100_000;

export type FileKind = 'csv' | 'ndjson';

const TYPES: Record<FileKind, string> = {
  csv: 'text/csv;charset=utf-8',
  ndjson: 'application/x-ndjson',
};

/** Saves every trace in the order of the list; returns how many. */
export async function download(
  kind: FileKind,
  chosen: Chosen,
  order: Order,
  columns: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  // A spreadsheet takes a file for Unicode by its first character.
  const parts: string[] = kind === 'csv' ? ['\ufeff', headOf(columns)] : [];
  let count = 0;
  for await (const row of allRows(chosen, order, DOWNLOAD_MAX, signal)) {
    parts.push(kind === 'csv' ? csvOf(row, columns) : `${JSON.stringify(row)}\n`);
    count += 1;
  }
  const url = URL.createObjectURL(new Blob(parts, { type: TYPES[kind] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `traces-${new Date().toISOString().slice(0, 19).replace(/:/g, '')}.${kind}`;
  link.click();
  URL.revokeObjectURL(url);
  return count;
}
