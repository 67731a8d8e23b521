import { join } from "node:path";
import { loadSeed } from "../../codegen/load/load-seed.ts";
import type { SeedValue } from "../../codegen/schema/stage/stage.ts";
import { asRoot, findStage, isRoot } from "../host/installed-stages.ts";
import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSeconds } from "../lib/option-values.ts";
import { step } from "../lib/progress.mjs";
import { readSecretFile, SecretFault } from "../lib/secret-file.ts";
import { askedToEnd } from "../lib/signals.ts";
import { checkStorage } from "../storage/check-storage.ts";
import { type ObjectStorage, objectStorageOf, storageSecretNames } from "../storage/object-storage.ts";
import { reportExitCode, reportLines } from "../storage/report-text.ts";
import { examples, type Verb } from "./verb.ts";

interface StorageOptions {
  readonly seed?: string;
  readonly secrets?: string;
  readonly origin?: string;
  readonly deadline: string;
  readonly json?: true;
}

/** `lectern storage check`: a stage's object storage, as Owncast and viewers use it. */
export const verb: Verb<StorageOptions> = {
  configure(command) {
    command
      .argument("<check>", "what to do: check")
      .argument("[stage]", "a stage of this host; anywhere else give --seed, --secrets and --origin")
      .option("--seed <file>", "a seed (.json) or a stage file (.yaml) with storage.objectStorage")
      .option("--secrets <folder>", "the folder with one file per secret; the storage's two keys are read")
      .option("--origin <url>", "the stage's public address, https://host (default: the seed's serverUrl)")
      .option("--deadline <seconds>", "how long to wait for each response of the storage", "10")
      .option("--json", "print the report as JSON")
      .addHelpText(
        "after",
        `\nWrites a file of 1 KiB to the bucket as Owncast 0.2.5 does, lists its folder, reads the file as a browser on the stage's\npage does (without keys, with CORS, and a part of it), and deletes it. Each fault names the setting and what to do. Ctrl-C\ndeletes the file too. It may run while the stage is live. Exit code 0: all is well; 2: a check found a fault; 65: the\nseed has no object storage; 69: nothing answers there; 77: the storage refuses the keys.\n${examples(
          "lectern storage check --seed main.yaml --secrets ./secrets --origin https://live.example.org",
          "lectern storage check main --json",
        )}`,
      );
  },
  async run([action = "", name], options) {
    if (action !== "check")
      throw new CliError(
        ExitCode.usage,
        `lectern storage ${action}: no such action`,
        "it has one: lectern storage check",
      );
    const { storage, origin } = await (name === undefined ? ofOptions(options) : ofStage(name, options));
    const seconds = readSeconds("--deadline", options.deadline);
    const signal = askedToEnd();
    let leftKey: string | undefined;
    const left = (key: string): void => {
      leftKey = key;
    };
    const report = await step(
      `checking the bucket ${storage.bucket} at ${storage.endpoint}`,
      (say: (text: string) => void) =>
        checkStorage(storage, { ...{ origin, seconds, signal, say, left } }).catch((error: unknown) => {
          if (!signal.aborted) throw error;
          throw leftKey === undefined
            ? new CliError(ExitCode.failed, "stopped before the end; the test file was deleted")
            : new CliError(
                ExitCode.failed,
                "stopped before the end",
                `the test file may be there; delete it: ${leftKey}`,
              );
        }),
    );
    const lines = reportLines(report).map((line) => paint(line.slice(0, 1), line.slice(0, 1)) + line.slice(1));
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${lines.join("\n")}\n`);
    return reportExitCode(report);
  },
};

interface Asked {
  readonly storage: ObjectStorage;
  readonly origin: string;
}

async function ofOptions({ seed: file, secrets, origin }: StorageOptions): Promise<Asked> {
  const missing = [...(file === undefined ? ["--seed"] : []), ...(secrets === undefined ? ["--secrets"] : [])];
  if (file === undefined || secrets === undefined)
    throw new CliError(
      ExitCode.usage,
      `missing: ${missing.join(", ")}`,
      "give these options, or on a host the name of one of its stages",
    );
  const seed = await loadSeed(file);
  const page = origin ?? seed.serverUrl;
  if (page === undefined)
    throw new CliError(
      ExitCode.usage,
      "missing: --origin, the address of the page whose player reads from the storage",
      "give the stage's public address: --origin https://live.example.org",
    );
  return { storage: await storageIn(file, seed, (name) => join(secrets, name)), origin: readOrigin(page) };
}

async function ofStage(name: string, { seed: file, secrets, origin }: StorageOptions): Promise<Asked> {
  if (file !== undefined || secrets !== undefined)
    throw new CliError(
      ExitCode.usage,
      `stage "${name}" and --seed, --secrets exclude each other`,
      "an installed stage has its own values for these: leave out the options, or the stage's name",
    );
  const stage = await findStage(name);
  const seed = await loadSeed(stage.seed);
  const storage = await storageIn(stage.seed, seed, (secret) => stage.secrets[secret]?.file);
  return { storage, origin: readOrigin(origin ?? `https://${stage.domain}`) };
}

/** Reads only the storage's keys: nobody needs the admin password for this. */
async function storageIn(
  file: string,
  seed: SeedValue,
  fileOf: (name: string) => string | undefined,
): Promise<ObjectStorage> {
  const values = new Map<string, string>();
  for (const name of storageSecretNames(seed)) {
    const secretFile = fileOf(name);
    if (secretFile === undefined) throw new CliError(ExitCode.failed, `${name}: no file is named for it`);
    const value = await readSecretFile(secretFile).catch((error: unknown) => {
      if (!(error instanceof SecretFault)) throw error;
      const isHidden = error.code === "EACCES" && !isRoot();
      const remedy = isHidden ? asRoot : "put the storage's key into this file, on one line";
      throw new CliError(ExitCode.failed, `${secretFile}: ${error.message}`, remedy);
    });
    values.set(name, value);
  }
  const storage = objectStorageOf(seed, (name) => values.get(name) ?? "");
  if (storage) return storage;
  throw new CliError(
    ExitCode.badInput,
    `${file}: storage.objectStorage is not enabled: there is no storage to check`,
    "docs/storage.md says how a stage gets one",
  );
}

function readOrigin(text: string): string {
  const isAddress = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  const address = isAddress ? new URL(text) : undefined;
  if (address && /^\/?$/.test(address.pathname) && address.search === "" && address.username === "")
    return address.origin;
  throw new CliError(
    ExitCode.usage,
    "--origin: expected the address of a site, such as https://live.example.org, without a path",
  );
}
