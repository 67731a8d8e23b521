import type { Assets } from "../../../codegen/schema/core/asset.ts";
import type { Field } from "../../../codegen/schema/core/fields.ts";
import type { ConfigMeta, ResourceMeta } from "../../../codegen/schema/core/registry.ts";
import { accessDefaults } from "../../../codegen/schema/owncast/access.ts";
import { owncastFields } from "../../../codegen/schema/owncast/owncast.ts";
import { contractStage, Stage } from "../../../codegen/schema/stage/stage.ts";
import { type NeededSecret, neededSecrets, secretNotes } from "./needed-secrets.ts";
import type { OpenServer } from "./open-server.ts";
import { readThings } from "./read-resource.ts";
import { readSetting } from "./read-setting.ts";
import type { Reading, Refusal } from "./reading.ts";

export interface ExportSource extends OpenServer {
  /** The folder of pictures, by its path from the stage file. */
  readonly folder: string;
  /** Also what is as a fresh Owncast has it. */
  readonly all: boolean;
}

/** What a stage file has no place for: `plan` and `apply` take it on the command line. */
export interface NeededOption {
  readonly option: string;
  readonly value: string;
}

/** A running Owncast as a stage file. */
export interface Exported {
  readonly stage: Stage;
  /** Every setting that is said, or of which something is to be told, in the schema's order. */
  readonly readings: readonly Reading[];
  /** The pictures that the stage names, by their paths from it. */
  readonly assets: Assets;
  readonly secrets: readonly NeededSecret[];
  readonly options: readonly NeededOption[];
  /** What the server has and a stage file may not say. */
  readonly refused: readonly Refusal[];
  /** What the person who gets the file should know, a line each. */
  readonly notes: readonly string[];
}

/** Reads a whole server; writes nothing, anywhere. Throws CliError as the client does. */
export async function exportStage(source: ExportSource): Promise<Exported> {
  const all = await readAll(source);
  const told = all.filter((reading) => isTold(reading, source.all));
  const readings = told.filter(({ path }) => isOfStage(path));
  const said = readings.filter(({ value }) => value !== undefined);
  const stage = contractStage(Stage.parse(stageOf(said)));
  const assets = new Map(said.flatMap((reading) => [...reading.assets]));
  const secrets = neededSecrets(stage, assets, said);
  return {
    stage,
    readings,
    assets,
    secrets,
    options: told.filter(({ path, value }) => !isOfStage(path) && value).map(optionOf),
    refused: told.flatMap(({ refused }) => refused),
    notes: secretNotes(source.password, secrets, said),
  };
}

/** Every setting that can be read, one after the other: the secrets of each get names that no other has. */
async function readAll({ client, password, config, folder }: ExportSource): Promise<Reading[]> {
  const taken = new Set<string>([accessDefaults.adminPassword.secret]);
  const readings: Reading[] = [];
  for (const field of owncastFields) {
    if (field.meta.resource !== undefined)
      readings.push(await readThings(field as Field<ResourceMeta>, client, folder, taken));
    else if (field.meta.read !== null)
      readings.push(readSetting(field as Field<ConfigMeta>, config, { taken, password }));
    for (const { name } of readings.at(-1)?.secrets ?? []) taken.add(name);
  }
  return readings;
}

const isTold = ({ isOwnDefault, value, refused }: Reading, all: boolean): boolean =>
  all || refused.length > 0 || (value !== undefined && !isOwnDefault);

/** Some settings are a seed's alone: a host derives them. */
const isOfStage = (path: string): boolean => (path.split(".")[0] ?? "") in Stage.shape;

const optionOf = ({ path, value }: Reading): NeededOption => ({
  option: `--${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  value: String(value),
});

function stageOf(said: readonly Reading[]): Record<string, Record<string, unknown>> {
  const stage: Record<string, Record<string, unknown>> = {};
  for (const { path, value } of said) {
    const [area = "", key = ""] = path.split(".");
    stage[area] = { ...stage[area], [key]: value };
  }
  return stage;
}
