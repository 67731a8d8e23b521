import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { caFile, writeCaddyfile } from "../../../src/local/caddy.ts";
import type { Part } from "../../../src/local/part.ts";
import { openDoor } from "../../../src/services/doors/door-file.ts";
import { rehearsalDoor } from "../../../src/services/doors/rehearsal-door.ts";
import { type Machine, startMachine } from "../process/machine.ts";

/** A stage of the VM tests, as checks/vm/lib/roles.nix declares it. */
export interface VmStage {
  readonly name: "main" | "second";
  readonly domain: string;
  /** Its address on the host. */
  readonly ports: Readonly<Record<"web" | "admin" | "rtmp" | "owncastRtmp" | "keeper", number>>;
}

export const main: VmStage = {
  ...{ name: "main", domain: "live.test" },
  ports: { web: 8080, admin: 8880, rtmp: 1935, owncastRtmp: 19350, keeper: 8090 },
};
export const second: VmStage = {
  ...{ name: "second", domain: "two.test" },
  ports: { web: 8081, admin: 8881, rtmp: 1936, owncastRtmp: 19351, keeper: 8091 },
};

/** A stage's seed as NixOS installs it, with the stage's own address. */
export const seedOf = ({ name, domain }: VmStage) => ({
  ...JSON.parse(readFileSync(`checks/vm/lib/${name}.json`, "utf8")),
  serverUrl: `https://${domain}`,
});

const stages = [main, second];
const secretsDir = "/etc/lectern-test/secrets";
const secretFile = (name: string) => `${secretsDir}/${name}`;
const ownSecrets = ["admin-password", "stream-key"] as const;
const rehearsalToken = "the-rehearsal-token-of-the-checks";
const stateDir = ({ name }: VmStage) => `/var/lib/lectern/${name}`;
// On a host, below /run.
const gateStatusSocket = ({ name }: VmStage) => `/var/lib/gate-${name}/status.sock`;
const transcriptsDir = ({ name }: VmStage) => `/var/lib/captions-${name}/transcripts`;
const captionsDir = (stage: VmStage) => `${stateDir(stage)}/captions`;

/** A stage's entry in a NixOS host's file of stages, for this host. */
const told = (stage: VmStage) => ({
  domain: stage.domain,
  seed: `/etc/lectern/${stage.name}.json`,
  owncastUrl: `http://127.0.0.1:${stage.ports.web}`,
  serverUrl: `https://${stage.domain}`,
  rtmpUrl: `rtmp://${stage.domain}:${stage.ports.rtmp}/live`,
  stateDir: stateDir(stage),
  gateStatusSocket: gateStatusSocket(stage),
  transcriptsDir: transcriptsDir(stage),
  // This host has no user of the gate's own.
  user: "root",
  secrets: Object.fromEntries(ownSecrets.map((name) => [name, { file: secretFile(name), generated: false }])),
  units: {},
});

/**
 * The host of the VM tests' stages, before any program runs on it. These names resolve to the host itself. It has the seeds,
 * the secrets, and the stream key that everybody knows.
 */
export async function startHost(names = stages.map(({ domain }) => domain)): Promise<Machine> {
  const host = await startMachine(names);
  for (const stage of stages) host.write(`/etc/lectern/${stage.name}.json`, JSON.stringify(seedOf(stage)));
  const known = Object.fromEntries(stages.map((stage) => [stage.name, told(stage)]));
  host.write("/etc/lectern/stages.json", JSON.stringify(known));
  for (const name of ownSecrets) host.write(secretFile(name), `the-${name}-of-the-checks\n`, 0o600);
  host.write("/etc/lectern-test/public-key", "abc123\n");
  host.write(secretFile("rehearsal-token"), `${rehearsalToken}\n`, 0o600);
  host.write("/etc/lectern-test/wrong-token", "the-rehearsal-token-of-nobody\n");
  return host;
}

/** Like the host's tmpfiles: makes Owncast's folder of segments where Caddy and the keeper look for it. */
const makeFolders = (host: Machine, state: string) =>
  host.succeed(`mkdir -p ${state}/data/hls && ln -sfn data/hls ${state}/hls`);

/** Like lectern-<stage>-bootstrap. */
export async function bootstrap(host: Machine, stage = main): Promise<void> {
  const state = stateDir(stage);
  await makeFolders(host, state);
  await host.succeed(
    `unshare --net sh -c 'ip link set lo up && exec lectern bootstrap --seed /etc/lectern/${stage.name}.json ` +
      `--owncast "$(command -v owncast)" --state-dir ${state} --secrets ${secretsDir}'`,
  );
}

/** Like owncast-<stage>; resolves when Owncast responds. */
export async function startServer(host: Machine, stage = main): Promise<Part> {
  const { web, owncastRtmp } = stage.ports;
  const flags = `-webserverip 127.0.0.1 -webserverport ${web} -rtmpport ${owncastRtmp}`;
  const server = host.start(`owncast-${stage.name}`, `env --chdir=${stateDir(stage)} owncast ${flags}`);
  await Promise.race([host.untilSucceeds(`curl -fsS -m 5 http://127.0.0.1:${web}/api/status`), server.died]);
  return server;
}

/** Like lectern-<stage>-gate, independent of the server; resolves when the gate responds to cameras. */
export async function startGate(host: Machine, stage = main): Promise<void> {
  const { web, rtmp, owncastRtmp } = stage.ports;
  const socket = gateStatusSocket(stage);
  const flags = [
    `--listen [::]:${rtmp} --owncast 127.0.0.1:${owncastRtmp} --owncast-url http://127.0.0.1:${web}`,
    `--seed /etc/lectern/${stage.name}.json --secrets ${secretsDir} --status unix:${socket}`,
  ];
  const listens = `curl -fsS -m 5 --unix-socket ${socket} http://gate/status | grep '"listening": *true'`;
  if ((await host.run(listens)).code === 0) return;
  await host.succeed(`mkdir -p ${dirname(socket)}`);
  const gate = host.start(`gate-${stage.name}`, `lectern gate ${flags.join(" ")}`);
  await Promise.race([host.untilSucceeds(listens), gate.died]);
}

/** The address of a stage's keeper. */
export const keeperAddress = ({ ports }: VmStage) => `127.0.0.1:${ports.keeper}`;

/** Like lectern-<stage>-keeper, also before the stage's first boot; resolves when the keeper responds. */
export async function startKeeper(host: Machine, stage = main): Promise<void> {
  const address = keeperAddress(stage);
  await makeFolders(host, stateDir(stage));
  const flags = `--owncast http://127.0.0.1:${stage.ports.web} --hls-dir ${stateDir(stage)}/hls --listen ${address} --captions-dir ${captionsDir(stage)}`;
  const keeper = host.start(`keeper-${stage.name}`, `lectern keeper ${flags}`);
  await Promise.race([host.untilSucceeds(`curl -fsS -m 5 http://${address}/metrics`), keeper.died]);
}

/** Like lectern-<stage>-speech@en, with the English model of pocketsphinx' package. Resolves when it has loaded the model. */
export async function startEngine(host: Machine): Promise<Part> {
  const flags = "--engine pocketsphinx --language en --listen unix:/var/lib/speech.sock";
  await host.run("rm -f /var/lib/speech.sock");
  const engine = host.start("speech", `${process.env.SPEECH} -B ${process.cwd()}/speech ${flags}`);
  await Promise.race([host.untilSucceeds("test -S /var/lib/speech.sock"), engine.died]);
  return engine;
}

/** Like lectern-<stage>-captions, for a stage that declares an English track now. */
export async function startCaptions(host: Machine, stage = main): Promise<Part> {
  const captions = { tracks: [{ language: "en", source: "speech" }] };
  const seed = `/etc/lectern/${stage.name}.json`;
  host.write(seed, JSON.stringify({ ...seedOf(stage), captions }));
  await host.succeed(`mkdir -p ${captionsDir(stage)} ${transcriptsDir(stage)}`);
  const flags = [
    `--seed ${seed} --keeper ${keeperAddress(stage)} --hls-dir ${stateDir(stage)}/hls`,
    `--captions-dir ${captionsDir(stage)} --transcript-dir ${transcriptsDir(stage)} --speech en=unix:/var/lib/speech.sock`,
  ];
  return host.start(`captions-${stage.name}`, `lectern captions ${flags.join(" ")}`);
}

/** Starts gate and camera of the VM tests. Resolves at the camera's first video, to the address of a segment of rendition 1. */
export async function goOnAir(host: Machine): Promise<{ camera: Part; segment: string }> {
  await startGate(host);
  const { publish } = JSON.parse(readFileSync("checks/vm/commands.json", "utf8")) as { publish: string };
  const camera = host.start("publish", publish);
  const names = "grep -o 'stream-[A-Za-z0-9_-]*-[0-9]*\\.ts' | grep -v offline";
  const newest = `curl -fsS -m 5 http://${keeperAddress(main)}/hls/1/stream.m3u8 | ${names} | tail -1 | grep .`;
  const name = await Promise.race([host.untilSucceeds(newest), camera.died]);
  return { camera, segment: `https://live.test/hls/1/${name.trim()}` };
}

// On a host, below /run.
const rehearsalDir = "/var/lib/lectern-rehearsal";

/** Like caddy.service, the keepers and lectern-<stage>-rehearsal, with Caddy's own authority. Each stage allows rehearsals. Resolves when the first stage responds to a client that trusts it. */
export async function startCaddy(host: Machine, served: readonly VmStage[] = [main]): Promise<void> {
  for (const stage of served) await startKeeper(host, stage);
  mkdirSync(host.outside(rehearsalDir), { recursive: true });
  await openDoor({ folder: host.outside(rehearsalDir), front: "caddy" }, rehearsalDoor(rehearsalToken, "caddy"));
  const storageDir = caddyStorage;
  host.write(`${storageDir}/Caddyfile`, "");
  const file = host.outside(`${storageDir}/Caddyfile`);
  const texts: string[] = [];
  for (const stage of served) {
    const ports = { https: 443, rtmp: stage.ports.rtmp, admin: stage.ports.admin, owncast: stage.ports.web };
    const dirs = { storageDir, rehearsalDir, segmentsDir: stateDir(stage) };
    await writeCaddyfile(file, { ports, ...dirs, keeper: keeperAddress(stage) });
    texts.push(readFileSync(file, "utf8").replace("https://localhost:443", `https://${stage.domain}`));
  }
  // As on a host, Caddy redirects plain http to https by itself.
  const [first = "", ...others] = texts.map((text) => text.replace("\tauto_https disable_redirects\n", ""));
  const sites = others.map((text) => text.slice(text.indexOf("https://")));
  await startCaddyWith(host, [first, ...sites].join("\n"), `https://${served[0]?.domain}/api/status`);
}

/** Caddy keeps its authority here. A Caddyfile for `startCaddyWith` must say so. */
export const caddyStorage = "/var/lib/caddy";

/** Starts Caddy with a Caddyfile. Resolves when the page responds to a client that trusts Caddy's own authority. */
export async function startCaddyWith(host: Machine, caddyfile: string, page: string): Promise<void> {
  host.write(`${caddyStorage}/Caddyfile`, caddyfile);
  const caddy = host.start("caddy", `caddy run --config ${caddyStorage}/Caddyfile --adapter caddyfile`);
  await Promise.race([host.untilSucceeds(`test -s ${caFile(caddyStorage)}`), caddy.died]);
  host.write("/etc/lectern-test/ca.crt", "");
  copyFileSync(host.outside(caFile(caddyStorage)), host.outside("/etc/lectern-test/ca.crt"));
  await host.untilSucceeds(`curl -fsS -m 5 --cacert /etc/lectern-test/ca.crt ${page}`);
}
