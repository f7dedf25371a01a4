// Getting started: the first trace, and every way to send one.
import { useWords } from '../../state/language.tsx';
import { Head } from '../config/parts.tsx';
import Guides from './guides.tsx';
import style from './start.module.css';
import { Waiting } from './waiting.tsx';

export default function StartPage() {
  const words = useWords();
  return (
    <div className={style['page']}>
      <Head title={words('start.title')} text={words('start.text')} />
      <Waiting />
      <Guides />
    </div>
  );
}
