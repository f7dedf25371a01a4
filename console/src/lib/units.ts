// Units of numbers, as names. They are plain numbers: the name says what a value counts.

/** A time on the clock, in milliseconds since the epoch, with fractions. */
export type EpochMs = number;
/** A length of time, in milliseconds, with fractions. */
export type Milliseconds = number;
/** A length of time, in seconds, as the API has it. */
export type Seconds = number;
/** A share of something, from 0 to 1. */
export type UnitShare = number;
/** A length on the screen. */
export type CssPixels = number;
