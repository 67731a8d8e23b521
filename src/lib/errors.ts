/** Exit codes. They mean the same for every command (docs/cli.md). */
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

/** A failure that a person can correct: what went wrong and, in `remedy`, what to do. It never holds a secret's value. */
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
