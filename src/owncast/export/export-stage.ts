import { join } from "node:path";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { ConfigMeta, ResourceMeta } from "../../../codegen/schema/core/registry.ts";
import { accessDefaults } from "../../../codegen/schema/owncast/access.ts";
import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import { contractStage, Stage } from "../../../codegen/schema/stage/stage.ts";
import { CliError, ExitCode } from "../../lib/errors.ts";
import { publicDefault, readSecretFile, SecretFault } from "../../lib/secret-file.ts";
import { ensureServerAddress, logIn, type OwncastClient } from "../client/client.ts";
import { type NeededSecret, neededSecrets, secretNotes } from "./needed-secrets.ts";
import { readResource } from "./read-resource.ts";
import { readSetting } from "./read-setting.ts";
import { isOfStage, type Reading, type Refusal } from "./reading.ts";

/** A server after the log-in. */
export interface OpenServer {
  readonly client: OwncastClient;
  /** The password that it took. */
  readonly password: string;
  /** The response to `GET /api/admin/serverconfig`. */
  readonly config: unknown;
}

/**
 * Logs in with `admin-password` of the folder `secrets`, else with Owncast's public default: perhaps nobody has set one yet.
 * Throws CliError: 64 for a bad address, 1 without a password, 69 unreachable, 77 refused.
 */
export async function openServer(options: {
  readonly url: string;
  readonly secrets: string;
  readonly deadlineSeconds: number;
}): Promise<OpenServer> {
  const { url, secrets, deadlineSeconds } = options;
  ensureServerAddress(url);
  const file = join(secrets, "admin-password");
  const given = await readSecretFile(file, { mayBePublic: true }).catch((error: unknown) => {
    if (!(error instanceof SecretFault)) throw error;
    const remedy = "put the password of the server's admin page into it, on one line";
    throw new CliError(ExitCode.failed, `${file}: ${error.message}`, remedy);
  });
  return logIn(new Set([given, publicDefault]), { url, deadlineSeconds });
}

export interface ExportOptions extends OpenServer {
  /** The folder of pictures, by its path from the stage file. */
  readonly folder: string;
  /** Whether to include settings that have Owncast's default. */
  readonly all: boolean;
}

/** A setting that a stage file cannot hold: `plan` and `apply` take it on the command line. */
export interface NeededOption {
  readonly option: string;
  readonly value: string;
}

/** A running Owncast as a stage file. */
export interface Exported {
  readonly stage: Stage;
  /** Every setting that stands in the stage file, or about which it has a comment, in the schema's order. */
  readonly readings: readonly Reading[];
  /** The pictures that the stage names, by their paths from it. */
  readonly assets: Assets;
  readonly secrets: readonly NeededSecret[];
  readonly options: readonly NeededOption[];
  /** The server's values that a stage file cannot hold. */
  readonly refused: readonly Refusal[];
  /** Warnings for the user of the file, a line each. */
  readonly notes: readonly string[];
}

/** Reads a whole server; writes nothing, anywhere. Throws CliError as the client does. */
export async function exportStage(source: ExportOptions): Promise<Exported> {
  const all = await readAll(source);
  const told = refuseTogether(all.filter((reading) => isTold(reading, source.all)));
  const readings = told.filter(({ path }) => isOfStage(path));
  const kept = readings.filter(({ value }) => value !== undefined);
  const stage = contractStage(Stage.parse(stageOf(kept)));
  const assets = new Map(kept.flatMap((reading) => [...reading.assets]));
  const secrets = neededSecrets(stage, assets, kept);
  return {
    stage,
    readings,
    assets,
    secrets,
    options: told.filter(({ path, value }) => !isOfStage(path) && value).map(optionOf),
    refused: told.flatMap(({ refused }) => refused),
    notes: secretNotes(source.password, secrets, kept),
  };
}

/** Reads all settings one after the other, so that each secret gets a name of its own. */
async function readAll({ client, password, config, folder }: ExportOptions): Promise<Reading[]> {
  const taken = new Set<string>([accessDefaults.adminPassword.secret]);
  const readings: Reading[] = [];
  for (const field of owncastFields) {
    if (field.meta.resource !== undefined)
      readings.push(await readResource(field as Field<ResourceMeta>, client, folder, taken));
    else if (field.meta.read !== null)
      readings.push(readSetting(field as Field<ConfigMeta>, config, { taken, password }));
    for (const { name } of readings.at(-1)?.secrets ?? []) taken.add(name);
  }
  return readings;
}

/** Refuses the settings that a stage file cannot hold together with the others, though each is valid. Pure. */
export function refuseTogether(told: readonly Reading[]): Reading[] {
  const kept = told.filter(({ path, value }) => isOfStage(path) && value !== undefined);
  const issues = Stage.safeParse(stageOf(kept)).error?.issues ?? [];
  return told.map((reading) => {
    const { path, value } = reading;
    const why = issues
      .filter((issue) => issue.path.slice(0, 2).join(".") === path)
      .map(({ message }) => `${path}: ${message}`);
    if (why.length === 0) return reading;
    return { ...reading, value: undefined, refused: [...reading.refused, { path, why, value }] };
  });
}

const isTold = ({ isOwnDefault, value, refused }: Reading, all: boolean): boolean =>
  all || refused.length > 0 || (value !== undefined && !isOwnDefault);

const optionOf = ({ path, value }: Reading): NeededOption => ({
  option: `--${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  value: String(value),
});

function stageOf(kept: readonly Reading[]): Record<string, Record<string, unknown>> {
  const stage: Record<string, Record<string, unknown>> = {};
  for (const { path, value } of kept) {
    const [area = "", key = ""] = path.split(".");
    stage[area] = { ...stage[area], [key]: value };
  }
  return stage;
}
