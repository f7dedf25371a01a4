// What tables are called.
import { useWords } from '../../state/language.tsx';

/** Returns how a table's `by` is called: annotations by their key. */
export function useTableName(): (by: string) => string {
  const words = useWords();
  return (by) =>
    by.startsWith('annotation:') ? by.slice('annotation:'.length) : words('analytics.by', { by });
}
