// Queries on more than one line. Only white space changes.

const BEFORE_CLAUSE =
  / +(?=\b(?:SELECT|FROM|WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|OFFSET|VALUES|SET|RETURNING|UNION|(?:LEFT|RIGHT|INNER|OUTER|FULL|CROSS) JOIN|ON CONFLICT)\b)|(?<!\b(?:LEFT|RIGHT|INNER|OUTER|FULL|CROSS)) +(?=JOIN\b)/gi;
const BEFORE_TERM = / +(?=\b(?:AND|OR)\b)/gi;

/** Returns the query with each clause on a line of its own; quoted text stays as it is. */
export function formatSql(query: string): string {
  if (query.includes('\n')) return query;
  const words = query.trim().match(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`|[^'"`]+/g) ?? [];
  return words
    .map((part) => {
      if (/^['"`]/.test(part)) return part;
      const broken = part.replace(BEFORE_CLAUSE, '\n');
      return broken.replace(BEFORE_TERM, '\n  ');
    })
    .join('');
}
