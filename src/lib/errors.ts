/** What the process exits with; the same meaning for every command (docs/cli.md). */
export const ExitCode = {
  done: 0,
  failed: 1,
  differs: 2,
  usage: 64,
  badInput: 65,
  unreachable: 69,
  refused: 77,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A failure that a person can act on: what went wrong, and in `remedy` what to do. Never carries a secret's value. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;
  constructor(exitCode: ExitCode, message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}
