// What happened when, and the map of the services as it was at any minute of it.
import { useQuery } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { groupGraphQuery, impactQuery } from '../../api/insights.ts';
import { compact, percent, timeOfDay } from '../../lib/format.ts';
import type { Window } from '../../lib/range.ts';
import type { EpochMs } from '../../lib/units.ts';
import type { Graph } from '../../model/graph.ts';
import { faultShare } from '../../model/insight.ts';
import type { Insight, InsightEvent } from '../../model/insight.ts';
import { anchored, layout } from '../../model/layout.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { MapCanvas } from '../map/canvas.tsx';
import { Failure, Skeleton } from '../states.tsx';
import style from './replay.module.css';

const MINUTE = 6e4;
const STEP_MS = 900;

interface Props {
  insight: Insight;
  events: readonly InsightEvent[];
  window: Window;
  /** The minute that is shown; absent for the whole of it. */
  at: EpochMs | undefined;
  /** Whether services that had nothing to do with it are shown, too. */
  isAll: boolean;
  change: (next: { at?: string; show?: string }) => void;
}

export function Replay({ insight, events, window, at, isAll, change }: Props) {
  const words = useWords();
  const minute = at === undefined ? undefined : Math.floor(at / MINUTE);
  const go = (next: number | undefined) =>
    change({ at: next === undefined ? '' : String(next * 60) });
  return (
    <section className={`card ${style['replay']}`}>
      <div className={style['map']}>
        <header>
          <h2>{words('insights.map')}</h2>
          <label className={style['toggle']}>
            <input
              type="checkbox"
              checked={isAll}
              onChange={(event) => change({ show: event.target.checked ? 'all' : '' })}
            />
            {words('insights.showAll')}
          </label>
          <span className={style['spring']} />
          <button
            type="button"
            className="button"
            aria-pressed={minute === undefined}
            onClick={() => go(undefined)}
          >
            {words('insights.whole')}
          </button>
        </header>
        <ImpactMap insight={insight} window={window} minute={minute} isAll={isAll} />
        <Scrubber events={events} window={window} minute={minute} go={go} />
      </div>
      <EventLog events={events} minute={minute} go={go} />
    </section>
  );
}

interface ScrubberProps extends Pick<Props, 'events' | 'window'> {
  minute: number | undefined;
  go: (next: number | undefined) => void;
}

/** The minutes in a row: played, dragged, with marks where something happened. */
function Scrubber({ events, window, minute, go }: ScrubberProps) {
  const words = useWords();
  const clock = useClock();
  const from = Math.floor(window.from / MINUTE);
  const to = Math.max(from + 1, Math.ceil(window.to / MINUTE));
  const player = usePlayer(minute, from, to, go);
  const said = words(player.isPlaying ? 'insights.pause' : 'insights.play');
  const timeOf = (one: number) => timeOfDay(one * MINUTE, clock).slice(0, 5);
  const isShown = (event: InsightEvent) => event.at / MINUTE >= from && event.at / MINUTE < to;
  const shareOf = (event: InsightEvent) => (event.at / MINUTE - from) / Math.max(1, to - 1 - from);
  return (
    <div className={style['scrubber']}>
      <button
        type="button"
        className="button"
        aria-label={said}
        title={said}
        onClick={player.toggle}
      >
        {player.isPlaying ? <Pause size={15} /> : <Play size={15} />}
      </button>
      <div className={style['slider']}>
        <input
          type="range"
          min={from}
          max={to - 1}
          step={1}
          value={minute ?? to - 1}
          aria-label={words('insights.minute')}
          aria-valuetext={timeOf(minute ?? to - 1)}
          onChange={(event) => go(Number(event.target.value))}
        />
        {events.filter(isShown).map((event) => (
          <i key={event.at} aria-hidden="true" style={{ left: `${shareOf(event) * 100}%` }} />
        ))}
      </div>
      <output className="mono">
        {minute === undefined ? words('insights.wholeTime') : timeOf(minute)}
      </output>
    </div>
  );
}

/** Steps from minute to minute while it plays. */
function usePlayer(
  minute: number | undefined,
  from: number,
  to: number,
  go: (next: number | undefined) => void,
) {
  const [isPlaying, setPlaying] = useState(false);
  const latest = useRef({ minute, go });
  useEffect(() => {
    latest.current = { minute, go };
  });
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setInterval(() => {
      const next = (latest.current.minute ?? from - 1) + 1;
      if (next >= to) setPlaying(false);
      else latest.current.go(next);
    }, STEP_MS);
    return () => clearInterval(timer);
  }, [isPlaying, from, to]);
  const toggle = () => {
    if (!isPlaying && (minute === undefined || minute >= to - 1)) go(from);
    setPlaying(!isPlaying);
  };
  return { isPlaying, toggle };
}

interface MapProps {
  insight: Insight;
  window: Window;
  minute: number | undefined;
  isAll: boolean;
}

function ImpactMap({ insight, window, minute, isAll }: MapProps) {
  const [selected, setSelected] = useState('');
  const whole = { from: insight.from, to: insight.to ?? window.to };
  const shown = minute === undefined ? whole : { from: minute * MINUTE, to: (minute + 1) * MINUTE };
  // Places come from the whole, so that services stay where they are from minute to minute.
  const all = useQuery(groupGraphQuery(insight.group, whole));
  const now = useQuery(groupGraphQuery(insight.group, shown));
  const impact = useQuery(impactQuery(insight, whole));
  const keys = impact.data;
  const places = useMemo(() => {
    if (!all.data) return undefined;
    const kept = only(all.data, isAll ? undefined : keys);
    const there = layout(kept);
    return now.data
      ? anchored(merged(kept, only(now.data, isAll ? undefined : keys)), there)
      : there;
  }, [all.data, now.data, isAll, keys]);
  const error = now.error ?? all.error ?? impact.error;
  if (error && !(now.data && places)) return <Failure error={error} />;
  if (!now.data || !places || !keys) return <Skeleton rows={8} />;
  const graph = only(now.data, isAll ? undefined : keys);
  return (
    <div className={style['canvas']} aria-busy={now.isPlaceholderData}>
      <MapCanvas
        key={isAll ? 'all' : 'some'}
        graph={graph}
        places={places}
        lit={isAll ? keys : undefined}
        minutes={Math.max(1, (shown.to - shown.from) / MINUTE)}
        selected={selected}
        onSelect={setSelected}
      />
    </div>
  );
}

/** Returns the part of a graph that has these services. */
function only(graph: Graph, keys: ReadonlySet<string> | undefined): Graph {
  if (!keys) return graph;
  return {
    nodes: graph.nodes.filter((node) => keys.has(node.key)),
    edges: graph.edges.filter((edge) => keys.has(edge.from) && keys.has(edge.to)),
  };
}

/** Returns the nodes of both graphs, for a layout that has a place for each. */
function merged(a: Graph, b: Graph): Graph {
  const known = new Set(a.nodes.map((node) => node.key));
  const edges = new Set(a.edges.map((edge) => edge.key));
  return {
    nodes: [...a.nodes, ...b.nodes.filter((node) => !known.has(node.key))],
    edges: [...a.edges, ...b.edges.filter((edge) => !edges.has(edge.key))],
  };
}

interface LogProps {
  events: readonly InsightEvent[];
  minute: number | undefined;
  go: (minute: number) => void;
}

function EventLog({ events, minute, go }: LogProps) {
  const words = useWords();
  const clock = useClock();
  return (
    <div className={style['log']}>
      <h2>{words('insights.events')}</h2>
      <ol>
        {[...events].reverse().map((event) => {
          // An event tells of the minute that ended with it.
          const its = Math.floor(event.at / MINUTE) - 1;
          return (
            <li key={`${event.at}${event.kind}`} data-kind={event.kind}>
              <button type="button" aria-pressed={its === minute} onClick={() => go(its)}>
                <span className="quiet mono">{timeOfDay(event.at, clock).slice(0, 5)}</span>
                <b>{words('insights.eventKinds', { kind: event.kind })}</b>
                <span>
                  {words('insights.eventNumbers', {
                    faults: compact(event.rootImpact.fault),
                    share: percent(faultShare(event.rootImpact)),
                    clients: percent(faultShare(event.clients)),
                  })}
                </span>
                {event.anomalous.length > 1 && (
                  <span className="quiet">{event.anomalous.map((one) => one.name).join(', ')}</span>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
