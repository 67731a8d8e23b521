import pRetry from "p-retry";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { askedToEnd } from "../lib/signals.ts";
import { bootstrap, type Wanted } from "../owncast/bootstrap/bootstrap.ts";
import { keepDatabaseFor } from "../owncast/bootstrap/snapshot.ts";
import { examples, type Verb } from "./verb.ts";

interface BootstrapCommandOptions {
  readonly seed: string;
  readonly owncast: string;
  readonly stateDir: string;
  readonly secrets: string;
  readonly serverUrl?: string;
  readonly deadline: string;
  readonly owncastVersion?: string;
  readonly attempts: string;
  readonly json?: true;
}

export const verb: Verb<BootstrapCommandOptions> = {
  configure(command) {
    command
      .requiredOption("--seed <file>", "a seed (.json) or a stage file (.yaml)")
      .requiredOption("--owncast <program>", "Owncast's program")
      .requiredOption(
        "--state-dir <folder>",
        "its folder `data` becomes Owncast's data folder; access tokens go to its folder `tokens`",
      )
      .requiredOption("--secrets <folder>", "the folder with one file per secret")
      .option("--server-url <url>", "the stage's public address, for directory and federation")
      .option("--deadline <seconds>", "how long Owncast may take to answer", "60")
      .option(
        "--owncast-version <version>",
        "its version; if it differs from the last run, the database is copied first, for a way back",
      )
      .option("--attempts <number>", "how often to try, when Owncast does not start or does not take a setting", "1")
      .option("--json", "print the changes as JSON")
      .addHelpText(
        "after",
        `\nRuns only in a network namespace that leads nowhere; in a systemd unit that is PrivateNetwork=yes.\n${examples(
          "unshare --net sh -c 'ip link set lo up && exec lectern bootstrap --seed main.yaml --owncast /usr/bin/owncast --state-dir /var/lib/main --secrets /run/secrets/main'",
        )}`,
      );
  },
  async run(_, { seed: file, owncast, stateDir, secrets, serverUrl, deadline, owncastVersion, attempts, json }) {
    let reading: Promise<Wanted> | undefined;
    const wanted = () => {
      reading ??= readWanted(file, secrets, serverUrl);
      return reading;
    };
    const signal = askedToEnd();
    const deadlineSeconds = readSeconds("--deadline", deadline);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const before = async () => {
      const kept = owncastVersion === undefined ? undefined : await keepDatabaseFor(owncastVersion, stateDir);
      if (kept) say(kept);
    };
    const options = { wanted, owncast, stateDir, deadlineSeconds, before, signal, say };
    const done = await pRetry(() => bootstrap(options), {
      retries: readAttempts(attempts) - 1,
      minTimeout: 1000,
      factor: 1,
      shouldRetry: () => !signal.aborted,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        // Bad input stays bad, and counts before whatever else is wrong.
        await wanted();
        if (retriesLeft > 0 && !signal.aborted)
          process.stderr.write(`${error.message}\ntrying again, ${retriesLeft} more\n`);
      },
    });
    process.stdout.write(
      json
        ? (await import("../owncast/apply/plan-text.ts")).planJson(done)
        : `configured: ${done.changes.length + done.resources.length} settings and the admin password, with the network shut\n`,
    );
    return ExitCode.done;
  },
};

/** Loads what reads and checks a seed only now: it takes half as long as Owncast's start does. */
async function readWanted(file: string, secrets: string, serverUrl: string | undefined): Promise<Wanted> {
  const [{ loadFile }, { withServerUrl }, { readSecrets }] = await Promise.all([
    import("../../codegen/load/load-seed.ts"),
    import("../owncast/seed/read-seed.ts"),
    import("../owncast/seed/secrets.ts"),
  ]);
  const { seed: written, assets } = await loadFile(file);
  const seed = withServerUrl(written, serverUrl);
  return { seed, assets, reveal: await readSecrets(seed, secrets) };
}

function readAttempts(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new CliError(ExitCode.usage, `--attempts ${text}: expected a whole number from 1 up`);
}
