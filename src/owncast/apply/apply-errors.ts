import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault } from "../../lib/secret-file.ts";
import { isAccepted, type WriteResult } from "../client/client.ts";
import type { Unsettled } from "../resources/converge.ts";
import type { ResourceStep } from "../resources/kind.ts";
import type { Change } from "./diff.ts";

/** The seed names settings that this server does not have. */
export const notSupported = (url: string, lacking: readonly Change[]): CliError =>
  new CliError(
    ExitCode.failed,
    `${url}: this Owncast has no ${lacking.map(({ path, since }) => path + (since ? ` (since Owncast ${since})` : "")).join(", ")}`,
    "take the setting out of the stage file, or run a newer Owncast; nothing was written",
  );

/** A setting that still differs, on a line. */
export const changeLeft = ({ path, secret }: Change, result: WriteResult | undefined): string =>
  `${path} (${resultText(result, secret)})`;

/** A resource in words for people. */
export const stepName = ({ path, name }: Pick<ResourceStep, "path" | "name">): string => path + (name && ` ${name}`);

/** A resource that still differs, on a line. */
export const stepLeft = ({ step, result, since }: Unsettled): string => {
  const lacking = result?.status === 404 && since ? `; Owncast has it since ${since}` : "";
  return `${stepName(step)} (${resultText(result, step.secret ?? false)}${lacking})`;
};

/** The password that the server kept, on a line. */
export function passwordLeft(result: WriteResult, old: string): string {
  const kept = old === publicDefault ? `Owncast's public default, ${publicDefault}` : "the old one";
  return `the admin password did not change (${resultText(result, true)}); it still is ${kept}`;
}

/** The server's response to a write, in words. Leaves out its message if that may repeat a secret. */
function resultText(result: WriteResult | undefined, secret: boolean): string {
  if (!result) return "somebody else changed it meanwhile";
  const message = secret || result.message === "" ? "" : `: ${result.message}`;
  return result.status === 0 ? `the connection was lost${message}` : `the server answered ${result.status}${message}`;
}

/** The error that stopped a run, with the list of values written until then. Returns errors other than CliError unchanged. */
export function interrupted(
  error: unknown,
  items: readonly { readonly name: string; readonly result: WriteResult | undefined }[],
): unknown {
  if (!(error instanceof CliError)) return error;
  const namesOf = (isWanted: (result: WriteResult | undefined) => boolean) =>
    items
      .filter(({ result }) => isWanted(result))
      .map(({ name }) => name)
      .join(", ") || "nothing";
  const written = namesOf((result) => result !== undefined && isAccepted(result));
  const unknown = namesOf((result) => result !== undefined && !isAccepted(result));
  const rest = namesOf((result) => result === undefined);
  const message = `${error.message}\n  written: ${written}; perhaps written: ${unknown}; not written: ${rest}`;
  const remedy =
    error.exitCode === ExitCode.refused
      ? `somebody changed its password meanwhile; ${error.remedy}`
      : "apply again when the server is back: it writes what is missing";
  return new CliError(error.exitCode, message, remedy, { cause: error });
}

/** Everything was written and read again, and these lines still differ. */
export const notConverged = (lines: readonly string[]): CliError =>
  new CliError(
    ExitCode.failed,
    `the server still differs from the seed:\n${lines.map((line) => `  ${line}`).join("\n")}`,
    lines.some((line) => line.endsWith(publicDefault))
      ? "everybody knows that password: take this server off the network, and run apply again"
      : "everything else is applied; run apply again, and read Owncast's log if that does not help",
  );
