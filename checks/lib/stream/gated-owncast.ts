import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRtmpUrl, type RtmpTarget } from "../../../src/media/rtmp/rtmp-target.ts";
import { type Gate, type GateOptions, startGate } from "../../../src/services/gate/gate.ts";
import { type PlainOwncast, startPlainOwncast } from "../owncast/plain-owncast.ts";

/** An Owncast with stream keys of its own, and the gate in front of it. */
export interface GatedOwncast {
  readonly owncast: PlainOwncast;
  readonly gate: Gate;
  /** Where cameras publish. */
  readonly rtmp: RtmpTarget;
  /** The gate's log so far. */
  readonly lines: string[];
  /** The gate's files, for a second gate. */
  readonly files: { readonly seedFile: string; readonly secrets: string };
  stop(): Promise<void>;
}

/** Starts both. `keys` holds the value of each stream key, by its comment. */
export async function startGatedOwncast(
  keys: Readonly<Record<string, string>>,
  options: Partial<GateOptions> = {},
): Promise<GatedOwncast> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-gated-"));
  const secrets = join(folder, "secrets");
  const seedFile = join(folder, "seed.json");
  mkdirSync(secrets);
  const owncast = await startPlainOwncast();
  /** Gives the stream keys to Owncast, and to the gate by its files. */
  const setKeys = async () => {
    const values = Object.entries(keys);
    values.forEach(([, value], index) => void writeFileSync(join(secrets, `key-${index}`), `${value}\n`));
    const streamKeys = values.map(([comment], index) => ({ secret: `key-${index}`, comment }));
    writeFileSync(seedFile, JSON.stringify({ access: { adminPassword: { secret: "admin-password" }, streamKeys } }));
    const value = values.map(([comment, key]) => ({ key, comment }));
    const answer = await owncast.admin("config/streamkeys", { method: "POST", body: JSON.stringify({ value }) });
    if (!answer.ok) throw new Error(`Owncast refuses the keys: ${answer.status}`);
  };
  const lines: string[] = [];
  try {
    await setKeys();
    const { host, port } = owncast.rtmp;
    const gate = await startGate({
      listen: "127.0.0.1:0",
      owncast: `${host}:${port}`,
      owncastUrl: owncast.url,
      ...{ seedFile, secrets },
      say: (line) => void lines.push(line),
      ...options,
    });
    return {
      ...{ owncast, gate, lines, files: { seedFile, secrets } },
      rtmp: parseRtmpUrl(`rtmp://127.0.0.1:${await gate.listening}/live`),
      async stop() {
        await gate.stop();
        await owncast.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await owncast.stop();
    throw error;
  }
}
