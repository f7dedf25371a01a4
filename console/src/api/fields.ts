// What can be asked of traces: the fields there are and their values.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { formatRange, windowOf } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { get } from './console.ts';
import type { Schema } from './console.ts';

/** A field of the filter language. */
export type Field = Schema<'FieldName'>;
/** A value of a field. */
export type FieldValue = Schema<'FieldValue'>;

function query(range: TimeRange) {
  const { from, to } = windowOf(range, Date.now());
  return { from: Math.floor(from * 1e3), to: Math.floor(to * 1e3) };
}

export function fieldsQuery(range: TimeRange) {
  return queryOptions({
    queryKey: ['fields', formatRange(range)],
    queryFn: async ({ signal }) => {
      const { fields } = await get('fields', { query: query(range), signal });
      return fields;
    },
    staleTime: 60_000,
    retry: false,
  });
}

/** Returns the keys of the annotations that traces of the range have, the most used first. */
export function annotationKeysQuery(range: TimeRange) {
  return queryOptions({
    ...fieldsQuery(range),
    select: (fields: Field[]) =>
      fields.flatMap(({ name }) => {
        const [, plain, odd] = /^annotation(?:\.(.+)|\[(.+)\])$/.exec(name) ?? [];
        return plain ?? odd ?? [];
      }),
  });
}

/** Returns the values of a field that begin with `prefix`, the most frequent first. */
export async function valuesOf(
  name: string,
  prefix: string,
  range: TimeRange,
  limit: number,
  signal: AbortSignal,
): Promise<FieldValue[]> {
  const options = { query: { name, prefix, limit, ...query(range) }, signal };
  const { values } = await get('fields/values', options);
  return values;
}

/** Returns the names of a kind that begin with the text, for whoever looks for one. */
export function namesQuery(name: string, prefix: string, range: TimeRange) {
  return queryOptions({
    queryKey: ['fields', 'values', name, prefix, formatRange(range)],
    queryFn: ({ signal }) => valuesOf(name, prefix, range, 20, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

const KEPT_MS = 30_000;
let kept: { key: string; until: number; fields: Promise<Field[]> } | undefined;

/** Returns the annotations that traces of the range have, as an expression names them. */
export async function annotationsOf(range: TimeRange): Promise<Field[]> {
  const key = formatRange(range);
  if (kept?.key !== key || kept.until < Date.now()) {
    const fields = get('fields', { query: query(range) }).then((answer) => answer.fields);
    kept = { key, until: Date.now() + KEPT_MS, fields };
  }
  return (await kept.fields).filter(({ name }) => /^annotation[.[]/.test(name));
}
