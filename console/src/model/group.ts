// Groups: named filter expressions.

export interface Group {
  name: string;
  arn: string;
  /** Empty for `Default`, to which all traces belong. */
  filter: string;
  hasInsights: boolean;
  hasNotifications: boolean;
}

export interface RawGroup {
  GroupName?: string | null;
  GroupARN?: string | null;
  FilterExpression?: string | null;
  InsightsConfiguration?: {
    InsightsEnabled?: boolean | null;
    NotificationsEnabled?: boolean | null;
  } | null;
}

export const DEFAULT_GROUP = 'Default';
export const NAME_CHARS_MAX = 32;

export function groupOf(raw: RawGroup): Group {
  return {
    name: raw.GroupName ?? '',
    arn: raw.GroupARN ?? '',
    filter: raw.FilterExpression ?? '',
    hasInsights: raw.InsightsConfiguration?.InsightsEnabled ?? false,
    hasNotifications: raw.InsightsConfiguration?.NotificationsEnabled ?? false,
  };
}

/** What is wrong with the name of a new group. */
export type NameProblem = 'empty' | 'long' | 'characters' | 'reserved' | 'taken';

export function nameProblem(name: string, taken: readonly string[]): NameProblem | undefined {
  if (name === '') return 'empty';
  if ([...name].length > NAME_CHARS_MAX) return 'long';
  if (!/^[A-Za-z0-9-]+$/.test(name)) return 'characters';
  if (name.toLowerCase() === DEFAULT_GROUP.toLowerCase()) return 'reserved';
  return taken.includes(name) ? 'taken' : undefined;
}

/** Returns a name that is free: `name-2`, `name-3` … */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 2; ; number += 1) {
    const end = `-${number}`;
    const next = name.slice(0, NAME_CHARS_MAX - end.length) + end;
    if (!taken.includes(next)) return next;
  }
}
