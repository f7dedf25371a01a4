// Operations of the X-Ray API by their names, as the console's own endpoints offer them.
import { call } from './client.ts';

/** The operations that the console calls by name. */
export type Operation =
  | 'CreateGroup'
  | 'CreateSamplingRule'
  | 'DeleteGroup'
  | 'DeleteResourcePolicy'
  | 'DeleteSamplingRule'
  | 'GetEncryptionConfig'
  | 'GetGroups'
  | 'GetIndexingRules'
  | 'GetInsight'
  | 'GetInsightEvents'
  | 'GetInsightImpactGraph'
  | 'GetInsightSummaries'
  | 'GetSamplingRules'
  | 'GetSamplingStatisticSummaries'
  | 'GetServiceGraph'
  | 'GetTimeSeriesServiceStatistics'
  | 'ListResourcePolicies'
  | 'ListTagsForResource'
  | 'PutEncryptionConfig'
  | 'PutResourcePolicy'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateGroup'
  | 'UpdateIndexingRule'
  | 'UpdateSamplingRule';

/** Calls an operation. Throws `ApiError`, or what aborting throws. */
export function xray<T>(operation: Operation, body: object = {}, signal?: AbortSignal): Promise<T> {
  return call<T>(`/console/api/xray/${operation}`, body, signal);
}

/** Calls an operation until it has no more pages; at most `pagesMax` of them. */
export async function pages<T extends { NextToken?: string | null }>(
  operation: Operation,
  body: object,
  signal: AbortSignal,
  pagesMax = 50,
): Promise<T[]> {
  const answers: T[] = [];
  let token: string | null = null;
  do {
    const next: object = token === null ? body : { ...body, NextToken: token };
    const answer: T = await xray<T>(operation, next, signal);
    answers.push(answer);
    token = answer.NextToken ?? null;
  } while (token !== null && answers.length < pagesMax);
  return answers;
}
