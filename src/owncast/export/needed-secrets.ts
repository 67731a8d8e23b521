import { sha256Of } from "../../../codegen/load/assets.ts";
import type { Assets } from "../../../codegen/schema/core/asset.ts";
import { accessDefaults } from "../../../codegen/schema/owncast/access.ts";
import { mayHoldSecret } from "../../../codegen/schema/owncast/webhook-address.ts";
import { expandStage, type Stage } from "../../../codegen/schema/stage/stage.ts";
import { publicDefault } from "../../lib/secret-file.ts";
import { secretNames } from "../seed/secrets.ts";
import type { Reading } from "./reading.ts";

/** A file that must be there before the stage file can be applied. */
export interface NeededSecret {
  readonly name: string;
  /** Its description: "the stream key commented “moderator”". */
  readonly holds: string;
}

const passwordName = accessDefaults.adminPassword.secret;

/** Secrets that a stage has even if its file does not name them. */
const standard: ReadonlyMap<string, string> = new Map([
  [passwordName, "the password of the admin page"],
  [accessDefaults.streamKeys[0].secret, "the stream key"],
]);

/** The secrets that a stage needs, the admin password first. */
export function neededSecrets(stage: Stage, assets: Assets, kept: readonly Reading[]): NeededSecret[] {
  const seed = expandStage(stage, (path, file) => ({ file, sha256: sha256Of(assets.get(path) ?? new Uint8Array()) }));
  const found = new Map(kept.flatMap(({ secrets }) => secrets.map(({ name, holds }) => [name, holds])));
  return secretNames(seed).map((name) => ({ name, holds: found.get(name) ?? standard.get(name) ?? "" }));
}

/** Warnings about the file's secrets for its user, a line each. */
export function secretNotes(
  password: string,
  secrets: readonly NeededSecret[],
  kept: readonly Reading[],
): readonly string[] {
  const found = new Set(kept.flatMap((reading) => reading.secrets.map(({ name }) => name)));
  const chosen = secrets.filter(({ name }) => name !== passwordName && !found.has(name));
  return [
    ...(password === publicDefault
      ? [`${passwordName}: this Owncast has the public default, which everybody knows; apply sets the one in the file`]
      : []),
    ...chosen.map(({ name, holds }) => `${name}: choose a new value for ${holds}; do not copy the current one`),
    ...kept.flatMap(({ path, value }) =>
      textsOf(value).some(mayHoldSecret)
        ? [`${path}: an address in it may hold a password or a token; everybody who reads the file can use it`]
        : [],
    ),
  ];
}

const textsOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
};
