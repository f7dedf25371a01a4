// How many insights are active, beside the page's name in the rail. Nothing when there is none.
import { useQuery } from '@tanstack/react-query';
import { activeCountQuery } from '../../api/insights.ts';
import { useWords } from '../../state/language.tsx';
import style from './count.module.css';

export default function InsightCount() {
  const words = useWords();
  const { data } = useQuery(activeCountQuery());
  if (!data) return null;
  return (
    <em className={style['count']} aria-label={words('insights.activeCount', { count: data })}>
      {data}
    </em>
  );
}
