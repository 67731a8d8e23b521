import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault } from "../../lib/secret-file.ts";
import { accepted, type WriteResult } from "../client/client.ts";
import type { Unsettled } from "../resources/converge.ts";
import type { ResourceStep } from "../resources/kind.ts";
import type { Change } from "./diff.ts";

/** The seed names what this server has not. */
export const notSupported = (url: string, lacking: readonly Change[]): CliError =>
  new CliError(
    ExitCode.failed,
    `${url}: this Owncast has no ${lacking.map(({ path, since }) => path + (since ? ` (since Owncast ${since})` : "")).join(", ")}`,
    "take the setting out of the stage file, or run a newer Owncast; nothing was written",
  );

/** Owncast's words may quote a secret value back. */
export const changeLeft = ({ path, secret }: Change, answer: WriteResult | undefined): string =>
  `${path} (${answerOf(answer, secret)})`;

/** A thing outside the configuration, in words for people. */
export const stepName = ({ path, name }: Pick<ResourceStep, "path" | "name">): string => path + (name && ` ${name}`);

/** A thing outside the configuration that did not settle, on a line. */
export const stepLeft = ({ step, answer, since }: Unsettled): string => {
  const lacking = answer?.status === 404 && since ? `; it is there since Owncast ${since}` : "";
  return `${stepName(step)} (${answerOf(answer, step.secret ?? false)}${lacking})`;
};

/** The password that the server kept, on a line. */
export function passwordLeft(answer: WriteResult, old: string): string {
  const kept = old === publicDefault ? `Owncast's public default, ${publicDefault}` : "the one it had";
  return `the admin password did not change (${answerOf(answer, true)}); it still is ${kept}`;
}

/** What the server answered to a write, for a person; without its words where they may hold a secret. */
export function answerOf(answer: WriteResult | undefined, secret: boolean): string {
  if (!answer) return "changed meanwhile by someone else";
  const words = secret || answer.message === "" ? "" : `: ${answer.message}`;
  return answer.status === 0 ? `the connection was lost${words}` : `the server answered ${answer.status}${words}`;
}

/** One thing that was to be written, and what was answered, if it was tried. */
export interface Item {
  readonly name: string;
  readonly answer: WriteResult | undefined;
}

/** The error that ended it, and how far the writing had come by then. */
export function brokenOff(error: unknown, items: readonly Item[]): unknown {
  if (!(error instanceof CliError)) return error;
  const where = (wanted: (answer: WriteResult | undefined) => boolean) =>
    items
      .filter(({ answer }) => wanted(answer))
      .map(({ name }) => name)
      .join(", ") || "nothing";
  const written = where((answer) => answer !== undefined && accepted(answer));
  const unknown = where((answer) => answer !== undefined && !accepted(answer));
  const rest = where((answer) => answer === undefined);
  const message = `${error.message}\n  written: ${written}; perhaps written: ${unknown}; not written: ${rest}`;
  const remedy =
    error.exitCode === ExitCode.refused
      ? `its password was changed meanwhile; ${error.remedy}`
      : "apply again when the server is back: it writes what is missing";
  return new CliError(error.exitCode, message, remedy, { cause: error });
}

/** After all was written and read again, these lines are not as the seed says. */
export const notConverged = (lines: readonly string[]): CliError =>
  new CliError(
    ExitCode.failed,
    `not everything is as the seed says:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    lines.some((line) => line.endsWith(publicDefault))
      ? "everybody knows that password: keep this server from being reached, and run apply again"
      : "what is not named here is applied; run apply again, and see Owncast's log if it stays so",
  );
