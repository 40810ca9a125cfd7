/** What every error that this program throws on purpose is. */
export class MoimError extends Error {
  override readonly name: string = "MoimError";
}
