import { CliError, ExitCode } from "../lib/errors.ts";
import { copySecrets } from "../owncast/bootstrap/copy-secrets.ts";
import { examples, type Verb } from "./verb.ts";

interface GateKeysOptions {
  readonly from: string;
  readonly to: string;
}

/** `lectern gate-keys`: hands a running gate its stream keys. */
export const verb: Verb<GateKeysOptions> = {
  configure(command) {
    command
      .requiredOption("--from <folder>", "where the stream keys lie, one file each; in a unit %d, its credentials")
      .requiredOption("--to <folder>", "the gate's folder of keys, `lectern gate --secrets`; all else in it is removed")
      .addHelpText(
        "after",
        `\nThe gate reads its keys at each publish: new ones hold at once, and the stream that runs goes on.\n${examples(
          "lectern gate-keys --from ./secrets --to /run/lectern/main-gate-keys",
        )}`,
      );
  },
  async run(_, { from, to }) {
    await copySecrets(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new CliError(
        ExitCode.failed,
        `${error.path ?? to}: ${error.code}; the gate keeps the keys that it has`,
        "--from is a folder that this user may read, --to one that it may write",
      );
    });
    return ExitCode.done;
  },
};
