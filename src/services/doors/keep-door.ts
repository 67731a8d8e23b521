import type { Front } from "../../../codegen/site/rules.ts";
import { runCommand } from "../../lib/child-process.ts";
import { fileFault } from "../../lib/error-cause.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { SecretFault } from "../../lib/secret-file.ts";
import { closeDoor, type DoorText, doorWasTold, openDoor } from "./door-file.ts";

const frontNames: Readonly<Record<Front, string>> = { caddy: "Caddy", nginx: "nginx" };

/** One door of a stage's site, and the secret that opens it. */
export interface Door {
  readonly secretFile: string;
  /** The folder that the front includes. */
  readonly folder: string;
  readonly front: Front;
  /** The command that reloads the front; it runs if something changed, or if it failed the last time. */
  readonly command: readonly string[];
  /** Reads the secret. Throws SecretFault for one that cannot be used. */
  readonly read: (file: string) => Promise<string>;
  /** The front's file for this secret. */
  readonly textFor: (secret: string, front: Front) => DoorText;
  /** For messages: what is so while the secret cannot be used. */
  readonly closed: string;
  /** For messages: what to do about the secret. */
  readonly remedy: string;
}

/**
 * Gives the front the door's secret, or closes the door if the secret cannot be used. Throws CliError: 65 for such a secret, 1 if the
 * folder cannot be written or the command fails. Then the next run runs the command again.
 */
export async function keepDoor(door: Door): Promise<void> {
  const { secretFile, folder, front, command, read, textFor, closed, remedy } = door;
  const place = { folder, front };
  const [program, ...args] = command;
  const tell = async () => program === undefined || (await runCommand(program, args));
  const secret = await read(secretFile).catch(async (error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    await written(closeDoor(place), folder);
    // Reload each time: the front may have missed it when the door was closed before.
    const outcome = (await tell()) ? closed : `${program} failed`;
    throw new CliError(ExitCode.badInput, `${secretFile}: ${error.message}; ${outcome}`, remedy);
  });
  if (!(await written(openDoor(place, textFor(secret, front)), folder))) return;
  if (!(await tell()))
    throw new CliError(
      ExitCode.failed,
      `${program} failed, so ${frontNames[front]} may still use an old secret, or none`,
      `correct the fault that it names (on a host: journalctl -u ${front}), then run this again`,
    );
  await written(doorWasTold(place), folder);
}

/** Names the folder in a failure to read or write it. */
const written = <Result>(work: Promise<Result>, folder: string): Promise<Result> =>
  work.catch((error: unknown) => {
    throw new CliError(
      ExitCode.failed,
      `${folder}: cannot be written (${fileFault(error)})`,
      "--to is a folder that this user may write",
    );
  });
