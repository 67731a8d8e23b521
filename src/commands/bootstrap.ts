import pRetry from "p-retry";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { askedToEnd } from "../lib/signals.ts";
import { bootstrap } from "../owncast/bootstrap/bootstrap.ts";
import { keepDatabaseFor } from "../owncast/bootstrap/snapshot.ts";
import type { SeedWithSecrets } from "../owncast/seed/read-seed.ts";
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
        "holds Owncast's data folder `data` and the folder `tokens` for access tokens",
      )
      .requiredOption("--secrets <folder>", "the folder with one file per secret")
      .option("--server-url <url>", "the stage's public address, for directory and federation")
      .option("--deadline <seconds>", "how long Owncast may take to answer", "60")
      .option(
        "--owncast-version <version>",
        "Owncast's version; if it differs from the last run, the database is backed up first",
      )
      .option("--attempts <number>", "how often to try if Owncast does not start or refuses a setting", "1")
      .option("--json", "print the changes as JSON")
      .addHelpText(
        "after",
        `\nRuns only in a network namespace without any connection; in a systemd unit: PrivateNetwork=yes.\n${examples(
          "unshare --net sh -c 'ip link set lo up && exec lectern bootstrap --seed main.yaml --owncast /usr/bin/owncast --state-dir /var/lib/main --secrets /run/secrets/main'",
        )}`,
      );
  },
  async run(_, { seed: file, owncast, stateDir, secrets, serverUrl, deadline, owncastVersion, attempts, json }) {
    let reading: Promise<SeedWithSecrets> | undefined;
    const seed = () => {
      reading ??= readSeed(file, secrets, serverUrl);
      return reading;
    };
    const signal = askedToEnd();
    const deadlineSeconds = readSeconds("--deadline", deadline);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const before = async () => {
      const kept = owncastVersion === undefined ? undefined : await keepDatabaseFor(owncastVersion, stateDir);
      if (kept) say(kept);
    };
    const options = { seed, owncast, stateDir, deadlineSeconds, before, signal, say };
    const done = await pRetry(() => bootstrap(options), {
      retries: readAttempts(attempts) - 1,
      minTimeout: 1000,
      factor: 1,
      shouldRetry: () => !signal.aborted,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        // Bad input stays bad, so it is reported first and nothing is tried again.
        await seed();
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

/** Loads the code that reads a seed only now: loading it takes half as long as Owncast's start. */
async function readSeed(file: string, secrets: string, serverUrl: string | undefined): Promise<SeedWithSecrets> {
  const { readSeedWithSecrets } = await import("../owncast/seed/read-seed.ts");
  return readSeedWithSecrets({ file, secrets, serverUrl });
}

function readAttempts(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new CliError(ExitCode.usage, `--attempts ${text}: expected a whole number from 1 up`);
}
