// Going anywhere by typing.
import { useWords } from '../../state/language.tsx';
import { Dialog } from '../dialog.tsx';
import type { Entry } from '../shell.tsx';

export default function Palette({ close }: { pages: readonly Entry[]; close: () => void }) {
  const words = useWords();
  return <Dialog title={words('top.palette')} close={close} children={null} />;
}
