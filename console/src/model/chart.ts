// What a chart shows, as numbers: stacks, the summary of a cell, what lies under a place on the axis.

/** Values at the points of the axis; `null` where there is none. */
export type Values = readonly (number | null)[];

/** Returns each series lifted onto those before it: where its bars begin and end. */
export function stacked(series: readonly Values[]): { base: number[]; top: number[] }[] {
  let base: number[] = [];
  return series.map((values) => {
    const from = values.map((_, index) => base[index] ?? 0);
    const top = values.map((value, index) => (from[index] ?? 0) + (value ?? 0));
    base = top;
    return { base: from, top };
  });
}

/** Returns where each bar is pointed at: the middle between its edges. */
export function centres(edges: readonly number[]): number[] {
  return edges.slice(1).map((edge, index) => ((edges[index] ?? edge) + edge) / 2);
}

/** Returns the index of the bar that `at` falls into, or of the nearest. */
export function barAt(edges: readonly number[], at: number): number {
  const count = edges.length - 1;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((edges[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Returns counts as running shares of their sum: a cumulative distribution. */
export function cumulated(counts: Values): number[] {
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  let seen = 0;
  return counts.map((count) => {
    seen += count ?? 0;
    return total === 0 ? 0 : seen / total;
  });
}
