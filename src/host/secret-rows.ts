import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Seed } from "../../generated/seed.d.ts";
import { codeOf } from "../lib/error-cause.ts";
import { textTable } from "../lib/text-table.ts";
import { secretNames } from "../owncast/seed/secrets.ts";
import type { HostStage } from "./installed-stages.ts";

/** The file of one secret of a stage. Never holds its value. */
export interface SecretRow {
  readonly name: string;
  /** Absolute path; null if the host names none. */
  readonly file: string | null;
  /** Made by this host, given by its owner, or made by Owncast (an access token). */
  readonly origin: "generated" | "given" | "token";
  readonly state: "present" | "missing" | "not readable";
  /** Four octal digits; null if the file could not be read. */
  readonly mode: string | null;
}

/** All secrets of a stage, and the tokens that Owncast made for it. */
export async function secretRows(stage: HostStage, seed: Seed): Promise<SecretRow[]> {
  const names = [...new Set([...secretNames(seed), ...Object.keys(stage.secrets)])];
  const secrets = names.map(async (name): Promise<SecretRow> => {
    const named = stage.secrets[name];
    const origin = named?.generated ? "generated" : "given";
    if (!named) return { name, file: null, origin, state: "missing", mode: null };
    return { name, file: named.file, origin, ...(await look(named.file)) };
  });
  const tokens = (seed.integrations?.accessTokens?.list ?? []).map(async ({ name }): Promise<SecretRow> => {
    const file = join(stage.stateDir, "tokens", name);
    return { name, file, origin: "token", ...(await look(file)) };
  });
  return Promise.all([...secrets, ...tokens]);
}

async function look(file: string): Promise<Pick<SecretRow, "state" | "mode">> {
  try {
    const mode = ((await stat(file)).mode & 0o7777).toString(8).padStart(4, "0");
    const isReadable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    return { state: isReadable ? "present" : "not readable", mode };
  } catch (error) {
    return { state: codeOf(error) === "ENOENT" ? "missing" : "not readable", mode: null };
  }
}

/** The rows as a table for people. */
export function secretTable(rows: readonly SecretRow[]): string {
  const words = { generated: "generated", given: "given", token: "made by Owncast" } as const;
  const cells = rows.map(({ name, file, origin, state, mode }) => [
    name,
    file ?? "no file is named for it",
    words[origin],
    state,
    mode ?? "",
  ]);
  return textTable([["name", "file", "origin", "state", "mode"], ...cells]);
}
