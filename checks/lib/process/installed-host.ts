import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** A host's file of stages for tests, in a folder. It has the stage `main`, and the stage `second` without settings or server. */
export interface TestHost {
  /** For `LECTERN_STAGES`. */
  readonly file: string;
  readonly stateDir: string;
  readonly secretFile: (name: string) => string;
}

export interface TestHostOptions {
  /** The stage file's content. */
  readonly stage: object;
  readonly owncastUrl?: string;
  readonly gateStatusSocket?: string;
  /** The folder of the server's segments. */
  readonly hlsDir?: string;
  /** The folder of the transcripts; without it, the stage has no captions. */
  readonly transcriptsDir?: string;
  /** The values of its secrets, by name; each lies in a folder of its own. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Writes the file. */
export function writeTestHost(folder: string, options: TestHostOptions): TestHost {
  const { stage, owncastUrl = "http://127.0.0.1:1", gateStatusSocket, hlsDir, transcriptsDir, secrets } = options;
  const [seed, stateDir, file] = ["main.yaml", "state", "stages.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const secretFile = (name: string) => join(folder, `of-${name}`, "value");
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(seed, stringify(stage));
  for (const [name, value] of Object.entries(secrets)) {
    mkdirSync(join(folder, `of-${name}`), { recursive: true });
    writeFileSync(secretFile(name), `${value}\n`, { mode: 0o600 });
  }
  const named = Object.keys(secrets).map((name) => [
    name,
    { file: secretFile(name), generated: name !== "admin-password" },
  ]);
  const main = {
    ...{ domain: "live.test", seed, owncastUrl, serverUrl: "https://live.test", rtmpUrl: "rtmp://live.test:1935/live" },
    ...{ stateDir, user: "root", secrets: Object.fromEntries(named), units: { server: "owncast-main.service" } },
  };
  const bare = join(folder, "second.yaml");
  writeFileSync(bare, stringify({ instance: { pageText: "" } }));
  const second = { ...main, domain: "second.test", seed: bare, owncastUrl: "http://127.0.0.1:1" };
  // JSON leaves out undefined values.
  writeFileSync(file, JSON.stringify({ main: { ...main, gateStatusSocket, hlsDir, transcriptsDir }, second }));
  return { file, stateDir, secretFile };
}
