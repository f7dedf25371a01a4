// The pages on what is stored, side by side.
import { Link } from '@tanstack/react-router';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';

const TABS = ['retention', 'encryption', 'indexing'] as const;

export function StorageTabs() {
  const words = useWords();
  return (
    <nav className={config['tabs']} aria-label={words('nav.storage')}>
      {TABS.map((tab) => (
        <Link key={tab} to={`/config/${tab}` as never} search={{} as never}>
          {words(`storage.${tab}`)}
        </Link>
      ))}
    </nav>
  );
}
