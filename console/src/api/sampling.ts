// Sampling rules: which there are, what clients count, changes, and what a change would have kept.
import { queryOptions } from '@tanstack/react-query';
import { ordered, rawOf, ruleOf, updateOf } from '../model/sampling.ts';
import type { Move, RawRule, Rule } from '../model/sampling.ts';
import { call } from './client.ts';
import { retry } from './queries.ts';
import { changeTags, rawTags } from './tags.ts';
import type { Tag } from './tags.ts';
import { pages, xray } from './xray.ts';

const AGAIN_MS = 10_000;
/** How long the server counts before it tells. */
const WINDOW_SECS = 10;

/** Returns every rule, in the order in which they are tried. */
export function rulesQuery() {
  return queryOptions({
    queryKey: ['sampling rules'],
    queryFn: async ({ signal }): Promise<Rule[]> => {
      const answers = await pages<{
        SamplingRuleRecords?: { SamplingRule?: RawRule | null }[];
        NextToken?: string | null;
      }>('GetSamplingRules', {}, signal);
      const records = answers.flatMap((answer) => answer.SamplingRuleRecords ?? []);
      return ordered(records.map((record) => ruleOf(record.SamplingRule ?? {})));
    },
    retry,
  });
}

/** What clients counted for a rule, a second. */
export interface Rates {
  requests: number;
  sampled: number;
  borrowed: number;
}

interface RawSummary {
  RuleName?: string | null;
  RequestCount?: number | null;
  SampledCount?: number | null;
  BorrowCount?: number | null;
}

/** Returns what was counted for each rule in the last ten seconds. */
export function ratesQuery() {
  return queryOptions({
    queryKey: ['sampling rates'],
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, Rates>> => {
      const answers = await pages<{
        SamplingStatisticSummaries?: RawSummary[];
        NextToken?: string | null;
      }>('GetSamplingStatisticSummaries', {}, signal);
      const all = answers.flatMap((answer) => answer.SamplingStatisticSummaries ?? []);
      return new Map(
        all.map((one) => [
          one.RuleName ?? '',
          {
            requests: (one.RequestCount ?? 0) / WINDOW_SECS,
            sampled: (one.SampledCount ?? 0) / WINDOW_SECS,
            borrowed: (one.BorrowCount ?? 0) / WINDOW_SECS,
          },
        ]),
      );
    },
    refetchInterval: AGAIN_MS,
    retry,
  });
}

/** What rules would have done with the traces of a time. */
export interface DryRun {
  requests: number;
  rules: { name: string; matched: number; kept: number; shadowedBy: string | null }[];
  services: { service: string; requests: number; keptNow: number; keptThen: number }[];
  exact: boolean;
}

const HOUR_MS = 36e5;

/** Returns what these rules would have kept of the last hour. */
export function dryRunQuery(rules: readonly Rule[], isWanted: boolean) {
  return queryOptions({
    queryKey: ['dry run', JSON.stringify(rules.map(rawOf))],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return call<DryRun>(
        '/console/api/sampling/dryrun',
        { from: (now - HOUR_MS) * 1e3, to: now * 1e3, rules: rules.map(rawOf) },
        signal,
      );
    },
    enabled: isWanted,
    staleTime: 60_000,
    retry,
  });
}

interface RecordAnswer {
  SamplingRuleRecord?: { SamplingRule?: RawRule | null } | null;
}

export async function createRule(rule: Rule, tags: readonly Tag[]): Promise<void> {
  await xray('CreateSamplingRule', { SamplingRule: rawOf(rule), Tags: rawTags(tags) });
}

/** Changes a rule, and its tags where they are known. */
export async function updateRule(
  rule: Rule,
  before: readonly Tag[] | undefined,
  tags: readonly Tag[],
): Promise<void> {
  await xray<RecordAnswer>('UpdateSamplingRule', { SamplingRuleUpdate: updateOf(rule) });
  if (before) await changeTags(rule.arn, before, tags);
}

export async function deleteRule(name: string): Promise<void> {
  await xray('DeleteSamplingRule', { RuleName: name });
}

/** Gives rules other priorities, one after the other; what else they say stays. */
export async function moveRules(rules: readonly Rule[], moves: readonly Move[]): Promise<void> {
  for (const { name, priority } of moves) {
    const rule = rules.find((one) => one.name === name);
    // The boost is gone unless it is said again.
    if (rule)
      await xray('UpdateSamplingRule', { SamplingRuleUpdate: updateOf({ ...rule, priority }) });
  }
}
