// A row of buttons of which one is pressed.

export interface Segment<Value> {
  value: Value;
  label: string;
  title?: string;
  isDisabled?: boolean;
}

interface Props<Value> {
  label: string;
  segments: readonly Segment<Value>[];
  value: Value;
  onPick: (value: Value) => void;
}

export function Segments<Value extends string>({ label, segments, value, onPick }: Props<Value>) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {segments.map((one) => (
        <button
          key={one.value}
          type="button"
          className="button"
          aria-pressed={one.value === value}
          title={one.title}
          disabled={one.isDisabled}
          onClick={() => onPick(one.value)}
        >
          {one.label}
        </button>
      ))}
    </div>
  );
}
