import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gate, type GateOptions, startGate } from "../../../src/services/gate/gate.ts";
import { type IngestBehaviour, startIngest, type TestIngest } from "./rtmp-ingest.ts";

/** A gate before a server that speaks only RTMP. It says that it is done with its last publisher unless `isBusy`. */
export interface TestGate {
  readonly gate: Gate;
  readonly port: number;
  readonly ingest: TestIngest;
  readonly lines: string[];
  readonly folder: string;
  /** The server's status. */
  owncast: { isBusy: boolean };
  stop(): Promise<void>;
}

/** The stream keys of a test gate, by their secrets' names. The first one has the comment “moderator”. */
export const testKeys = { "key-moderator": "the moderator's key", "key-spare": "the spare camera's key" } as const;

/** The stream key of a test gate's interpreter. */
export const interpreterKey = (language: string): string => `the ${language} interpreter's key`;

/** Starts it. */
export async function startTestGate({
  limits = {},
  behaviour = {},
  video,
  interpreters = [],
  ...options
}: Partial<GateOptions> & {
  behaviour?: IngestBehaviour;
  video?: object;
  /** Languages; each has the key `the LANGUAGE interpreter's key`. */
  interpreters?: readonly string[];
} = {}): Promise<TestGate> {
  const folder = mkdtempSync(join(tmpdir(), "lectern-gate-"));
  for (const [name, value] of Object.entries(testKeys)) writeFileSync(join(folder, name), `${value}\n`);
  for (const language of interpreters)
    writeFileSync(join(folder, `interpreter-key-${language}`), `${interpreterKey(language)}\n`);
  const tracks = interpreters.map((language) => ({ language, source: "interpreter" }));
  const streamKeys = [{ secret: "key-moderator", comment: "moderator" }, { secret: "key-spare" }];
  const seedFile = join(folder, "seed.json");
  const access = { adminPassword: { secret: "admin-password" }, streamKeys };
  writeFileSync(
    seedFile,
    JSON.stringify({ access, ...(video && { video }), ...(tracks.length > 0 && { captions: { tracks } }) }),
  );
  const ingest = await startIngest(behaviour);
  const owncast = { isBusy: false };
  const web = createServer((_, response) => {
    response.end(
      JSON.stringify({ online: owncast.isBusy, lastConnectTime: owncast.isBusy ? "2026-01-01T00:00:00Z" : null }),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => web.once("listening", resolve));
  const lines: string[] = [];
  const gate = await startGate({
    listen: "127.0.0.1:0",
    owncast: `127.0.0.1:${ingest.port}`,
    owncastUrl: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    ...{ seedFile, secrets: folder, limits },
    say: (line) => void lines.push(line),
    ...options,
  });
  return {
    ...{ gate, ingest, lines, folder, owncast },
    port: await gate.listening,
    async stop() {
      await gate.stop();
      ingest.close();
      web.close();
      web.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
