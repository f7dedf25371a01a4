// Texts that a box told and that are handed back to it, each a little later: while somebody types, what
// comes back is older than what stands in the box, and must not replace it.

/** More are never on their way. */
const TOLD_MAX = 64;

/** What a box told and has not got back yet, the oldest first. */
export class Echo {
  private told: string[] = [];

  /** Keeps in mind that the box told this text. */
  tell(text: string): void {
    this.told.push(text);
    if (this.told.length > TOLD_MAX) this.told.shift();
  }

  /** Returns whether a text that is handed to the box is its own. */
  isOwn(text: string): boolean {
    const at = this.told.indexOf(text);
    // What was told before it was left out on the way; after a text of somebody else nothing counts.
    this.told = at < 0 ? [] : this.told.slice(at + 1);
    return at >= 0;
  }
}
