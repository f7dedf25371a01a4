// Keeping the list and taking it elsewhere: saved views, groups, commands, files.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, FolderPlus, Save, Terminal, Trash2 } from 'lucide-react';
import { useContext, useState } from 'react';
import type { FormEvent } from 'react';
import { removeView, saveView, viewsQuery } from '../../api/views.ts';
import { parseSearch } from '../../lib/search.ts';
import { orderOf } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import { commands } from '../link.ts';
import { copy, toast } from '../toasts.tsx';
import { DOWNLOAD_MAX, download } from './download.ts';
import type { FileKind } from './download.ts';
import { filterOf } from './params.ts';
import { ListingContext } from './tools.tsx';
import type { Listing } from './tools.tsx';
import style from './tools.module.css';

export default function ActionMenu({ close }: { close: () => void }) {
  const words = useWords();
  const listing = useContext(ListingContext);
  if (!listing) return null;
  const { values } = listing;
  const filter = filterOf(values, values.pick);
  const say = (kind: 'cli' | 'curl') => {
    close();
    void copy(commands(values.t, filter, Date.now())[kind], words('traces.commandCopied'));
  };
  return (
    <div className={style['menu']}>
      <SaveForm close={close} />
      <Views close={close} />
      <Link
        to={'/config/groups' as never}
        search={{ new: filter } as never}
        aria-disabled={filter === ''}
      >
        <FolderPlus size={15} aria-hidden="true" />
        {words('traces.makeGroup')}
      </Link>
      <button type="button" onClick={() => say('cli')}>
        <Terminal size={15} aria-hidden="true" />
        {words('traces.copyCli')}
      </button>
      <button type="button" onClick={() => say('curl')}>
        <Terminal size={15} aria-hidden="true" />
        {words('traces.copyCurl')}
      </button>
      <FileButton kind="csv" listing={listing} filter={filter} />
      <FileButton kind="ndjson" listing={listing} filter={filter} />
    </div>
  );
}

function SaveForm({ close }: { close: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const path = `${location.pathname}${location.search}`.replace(/^\/console\//, '');
    try {
      await saveView(name.trim(), path);
      await client.invalidateQueries({ queryKey: ['views'] });
      close();
      toast(words('traces.viewSaved', { name: name.trim() }));
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form className={style['save']} onSubmit={(event) => void save(event)}>
      <input
        className="input"
        aria-label={words('traces.viewName')}
        placeholder={words('traces.viewName')}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button" disabled={name.trim() === ''}>
        <Save size={14} aria-hidden="true" />
        {words('traces.save')}
      </button>
    </form>
  );
}

/** The views that were saved, to go to and to take away. */
function Views({ close }: { close: () => void }) {
  const words = useWords();
  const client = useQueryClient();
  const { data = [] } = useQuery(viewsQuery());
  const away = async (id: string) => {
    await removeView(id);
    await client.invalidateQueries({ queryKey: ['views'] });
  };
  return (
    data.length > 0 && (
      <section>
        <h3>{words('traces.views')}</h3>
        <ul className={style['views']}>
          {data.map(({ id, name, path }) => {
            const [page = '', search = ''] = path.split('?');
            return (
              <li key={id}>
                <Link
                  to={`/${page}` as never}
                  search={parseSearch(search) as never}
                  className="cut"
                  onClick={close}
                >
                  {name}
                </Link>
                <button
                  type="button"
                  className="button plain"
                  aria-label={words('traces.removeView', { name })}
                  title={words('traces.removeView', { name })}
                  onClick={() => void away(id)}
                >
                  <Trash2 size={14} />
                </button>
              </li>
            );
          })}
        </ul>
      </section>
    )
  );
}

function FileButton(props: { kind: FileKind; listing: Listing; filter: string }) {
  const words = useWords();
  const { kind, listing, filter } = props;
  const { values, total } = listing;
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const chosen = { range: values.t, group: values.g, filter };
    try {
      const { signal } = new AbortController();
      const count = await download(kind, chosen, orderOf(values.sort), values.cols, signal);
      toast(words('traces.downloaded', { count }));
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" disabled={isBusy || total === 0} onClick={() => void run()}>
      <Download size={15} aria-hidden="true" />
      {words('traces.download', { kind, count: Math.min(total, DOWNLOAD_MAX) })}
    </button>
  );
}
