// Settings of what is stored: encryption, retention, indexing, and who may write.
import { queryOptions } from '@tanstack/react-query';
import { get } from './console.ts';
import { retry } from './queries.ts';
import { pages, xray } from './xray.ts';

export interface Encryption {
  /** A key's ARN, id or alias; empty without. */
  keyId: string;
  isUpdating: boolean;
}

interface EncryptionAnswer {
  EncryptionConfig?: { KeyId?: string | null; Status?: string | null; Type?: string | null };
}

function encryptionOf(answer: EncryptionAnswer): Encryption {
  const { KeyId, Status } = answer.EncryptionConfig ?? {};
  return { keyId: KeyId ?? '', isUpdating: Status === 'UPDATING' };
}

export function encryptionQuery() {
  return queryOptions({
    queryKey: ['encryption'],
    queryFn: async ({ signal }) =>
      encryptionOf(await xray<EncryptionAnswer>('GetEncryptionConfig', {}, signal)),
    refetchInterval: (query) => (query.state.data?.isUpdating ? 2_000 : false),
    retry,
  });
}

/** Asks for a key; without one, for none. */
export async function putEncryption(keyId: string): Promise<Encryption> {
  const body = keyId === '' ? { Type: 'NONE' } : { Type: 'KMS', KeyId: keyId };
  return encryptionOf(await xray<EncryptionAnswer>('PutEncryptionConfig', body));
}

export interface Indexing {
  name: string;
  /** Percent. */
  desired: number;
  actual: number;
  /** Milliseconds since the epoch; 0 for never. */
  modifiedAt: number;
}

interface RawIndexing {
  Name?: string | null;
  ModifiedAt?: number | null;
  Rule?: {
    Probabilistic?: {
      DesiredSamplingPercentage?: number | null;
      ActualSamplingPercentage?: number | null;
    } | null;
  } | null;
}

/** Returns the indexing rules; there is one. */
export function indexingQuery() {
  return queryOptions({
    queryKey: ['indexing'],
    queryFn: async ({ signal }): Promise<Indexing[]> => {
      const answer = await xray<{ IndexingRules?: RawIndexing[] }>('GetIndexingRules', {}, signal);
      return (answer.IndexingRules ?? []).map((raw) => ({
        name: raw.Name ?? '',
        desired: raw.Rule?.Probabilistic?.DesiredSamplingPercentage ?? 0,
        actual: raw.Rule?.Probabilistic?.ActualSamplingPercentage ?? 0,
        modifiedAt: (raw.ModifiedAt ?? 0) * 1e3,
      }));
    },
    retry,
  });
}

export async function updateIndexing(name: string, desired: number): Promise<void> {
  await xray('UpdateIndexingRule', {
    Name: name,
    Rule: { Probabilistic: { DesiredSamplingPercentage: desired } },
  });
}

/** How long traces are kept, and how much there is of each day. */
export interface Retention {
  days: number | null;
  faultDays: number | null;
  bytesMax: number | null;
  byDay: { day: number; bytes: number; traces: number }[];
}

export function retentionQuery() {
  return queryOptions({
    queryKey: ['retention'],
    queryFn: ({ signal }): Promise<Retention> => get('retention', { signal }),
    retry,
  });
}

/** Says who may do what here, as JSON. */
export interface Policy {
  name: string;
  document: string;
  revision: string;
  /** Milliseconds since the epoch. */
  updatedAt: number;
}

interface PoliciesAnswer {
  ResourcePolicies?: {
    PolicyName?: string | null;
    PolicyDocument?: string | null;
    PolicyRevisionId?: string | null;
    LastUpdatedTime?: number | null;
  }[];
  NextToken?: string | null;
}

export function policiesQuery() {
  return queryOptions({
    queryKey: ['policies'],
    queryFn: async ({ signal }): Promise<Policy[]> => {
      const answers = await pages<PoliciesAnswer>('ListResourcePolicies', {}, signal);
      return answers
        .flatMap((answer) => answer.ResourcePolicies ?? [])
        .map((raw) => ({
          name: raw.PolicyName ?? '',
          document: raw.PolicyDocument ?? '',
          revision: raw.PolicyRevisionId ?? '',
          updatedAt: (raw.LastUpdatedTime ?? 0) * 1e3,
        }));
    },
    retry,
  });
}

/** Makes a policy, or replaces the revision that was looked at. */
export async function putPolicy(policy: Policy): Promise<void> {
  await xray('PutResourcePolicy', {
    PolicyName: policy.name,
    PolicyDocument: policy.document,
    ...(policy.revision !== '' && { PolicyRevisionId: policy.revision }),
  });
}

export async function deletePolicy(policy: Policy): Promise<void> {
  await xray('DeleteResourcePolicy', {
    PolicyName: policy.name,
    ...(policy.revision !== '' && { PolicyRevisionId: policy.revision }),
  });
}
