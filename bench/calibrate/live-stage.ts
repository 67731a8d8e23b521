import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadFile } from "../../codegen/load/load-seed.ts";
import { rehearsalTokenName } from "../../codegen/schema/core/secret-ref.ts";
import { caFile } from "../../src/local/caddy.ts";
import { startCamera } from "../../src/local/on-air.ts";
import type { Part } from "../../src/local/part.ts";
import { type LocalStage, startStage } from "../../src/local/stage.ts";
import { type Server, startLectern, storageIn } from "../delivery/servers.ts";
import { childrenOf } from "./processor-time.ts";

const segmentsAtLeast = 5;

/** A stage on air behind Lectern's Caddyfile and keeper, as on a host. */
export interface LiveStage {
  readonly seed: LocalStage["seed"];
  readonly server: Server;
  /** The certificate of Caddy's authority, and its file. */
  readonly ca: Buffer;
  readonly caFile: string;
  /** The rehearsals' token; there if the stage file allows rehearsals. */
  readonly tokenFile: string;
  readonly hlsDir: string;
  /** Owncast's ffmpeg. */
  readonly encoderPids: readonly number[];
}

/** Runs a stage file in `folder` while `use` works. Rejects when `signal` aborts. */
export async function withLiveStage<Result>(
  file: string,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
  use: (live: LiveStage) => Promise<Result>,
): Promise<Result> {
  const parts: Part[] = [];
  try {
    const stageDir = join(folder, "main");
    mkdirSync(stageDir);
    const stage = await startStage({
      ...(await loadFile(file)),
      ...{ folder: stageDir, caddyDir: storageIn(folder), signal },
      ...{ keeper: async () => "", front: async () => {} },
    });
    parts.push({ name: "the stage", died: stage.anyDied(), stop: () => stage.stop() });
    await startCamera(stage);
    const { hlsDir, seed } = stage;
    const variants = seed.video?.ladder?.length ?? 1;
    const playlists = Array.from({ length: variants }, (_, index) => join(hlsDir, `${index}/stream.m3u8`));
    while (playlists.some((playlist) => segmentsIn(playlist).length < segmentsAtLeast))
      await sleep(100, undefined, { signal });
    const server = await startLectern({ stage, folder, parts });
    const encoderPids = childrenOf(stage.part("Owncast").pid ?? Number.NaN);
    const authority = caFile(storageIn(folder));
    const work = use({
      ...{ seed, server, hlsDir, encoderPids, ca: readFileSync(authority), caFile: authority },
      tokenFile: join(stage.secretsDir, rehearsalTokenName),
    });
    return await Promise.race([work, ...parts.map(({ died }) => died)]);
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

/** The segments that a playlist on disk lists; none while it does not exist. */
export function segmentsIn(playlist: string): { readonly name: string; readonly seconds: number }[] {
  let text = "";
  try {
    text = readFileSync(playlist, "utf8");
  } catch {
    // The first segment is not there yet.
  }
  return [...text.matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*(stream-(?!offline)\S+\.ts)$/gm)].map(
    ([, seconds, name = ""]) => ({ name, seconds: Number(seconds) }),
  );
}
