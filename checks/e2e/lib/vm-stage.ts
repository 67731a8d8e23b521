import { copyFileSync, readFileSync } from "node:fs";
import { caFile, writeCaddyfile } from "../../../cli/demo/caddy.ts";
import type { Part } from "../../../cli/demo/part.ts";
import { type Machine, startMachine } from "./machine.ts";

/** The seed of the VM tests' stage as NixOS installs it: with the stage's own address. */
export const seed = { ...JSON.parse(readFileSync("checks/vm/lib/main.json", "utf8")), serverUrl: "https://live.test" };

const secretFile = (name: string) => `/etc/lectern-test/secrets/${name}`;
const ownSecrets = ["admin-password", "stream-key"] as const;

/** What a NixOS host tells `lectern` about its stages, for this one. */
const stages = {
  main: {
    domain: "live.test",
    seed: "/etc/lectern/main.json",
    owncastUrl: "http://127.0.0.1:8080",
    serverUrl: "https://live.test",
    rtmpUrl: "rtmp://live.test:1935/live",
    stateDir: "/var/lib/lectern/main",
    // Where nobody made it a user of its own.
    user: "root",
    secrets: Object.fromEntries(ownSecrets.map((name) => [name, { file: secretFile(name), generated: false }])),
    units: {},
  },
};

/** The host of the VM tests' stage, `live.test`, with these names leading to itself, before anything runs on it: seed, secrets, and the key that everybody knows. */
export async function startHost(names: readonly string[] = ["live.test"]): Promise<Machine> {
  const host = await startMachine(names);
  host.write("/etc/lectern/main.json", JSON.stringify(seed));
  host.write("/etc/lectern/stages.json", JSON.stringify(stages));
  for (const name of ownSecrets) host.write(secretFile(name), `the-${name}-of-the-checks\n`, 0o600);
  host.write("/etc/lectern-test/public-key", "abc123\n");
  return host;
}

/** What lectern-main-bootstrap does. */
export async function bootstrap(host: Machine): Promise<void> {
  await host.succeed(
    "mkdir -p /var/lib/lectern/main/data /var/lib/lectern/main/hls && ln -sfn ../hls /var/lib/lectern/main/data/hls",
  );
  await host.succeed(
    "unshare --net sh -c 'ip link set lo up && exec lectern bootstrap --seed /etc/lectern/main.json " +
      '--owncast "$(command -v owncast)" --state-dir /var/lib/lectern/main --secrets /etc/lectern-test/secrets\'',
  );
}

/** What owncast-main does; resolves when it answers. */
export async function startServer(host: Machine): Promise<Part> {
  const flags = "-webserverip 127.0.0.1 -webserverport 8080 -rtmpport 1935";
  const server = host.start("owncast", `env --chdir=/var/lib/lectern/main owncast ${flags}`);
  await Promise.race([host.untilSucceeds("curl -fsS -m 5 http://127.0.0.1:8080/api/status"), server.died]);
  return server;
}

/** Where the keeper listens. */
export const keeperAddress = "127.0.0.1:8090";

/** What lectern-main-hls does; resolves when it answers. */
export async function startKeeper(host: Machine): Promise<void> {
  const flags = `--owncast http://127.0.0.1:8080 --hls-dir /var/lib/lectern/main/hls --listen ${keeperAddress}`;
  const keeper = host.start("keeper", `lectern hls ${flags}`);
  await Promise.race([host.untilSucceeds(`curl -fsS -m 5 http://${keeperAddress}/metrics`), keeper.died]);
}

/** Starts the camera of the VM tests; resolves when there is video of it, to the address of a segment of rendition 1. */
export async function goOnAir(host: Machine): Promise<{ camera: Part; segment: string }> {
  const { publish } = JSON.parse(readFileSync("checks/vm/commands.json", "utf8")) as { publish: string };
  const camera = host.start("publish", publish);
  const names = "grep -o 'stream-[A-Za-z0-9_-]*-[0-9]*\\.ts' | grep -v offline";
  const newest = `curl -fsS -m 5 http://${keeperAddress}/hls/1/stream.m3u8 | ${names} | tail -1 | grep .`;
  const name = await Promise.race([host.untilSucceeds(newest), camera.died]);
  return { camera, segment: `https://live.test/hls/1/${name.trim()}` };
}

/** What caddy.service does, with an authority of Caddy's own; resolves when the page is there for who trusts that. */
export async function startCaddy(host: Machine): Promise<void> {
  const storageDir = "/var/lib/caddy";
  const ports = { https: 443, rtmp: 1935, admin: 8080 };
  host.write(`${storageDir}/Caddyfile`, "");
  const file = host.outside(`${storageDir}/Caddyfile`);
  await startKeeper(host);
  await writeCaddyfile(file, { ports, storageDir, segmentsDir: "/var/lib/lectern/main", keeper: keeperAddress });
  // As on a host, plain http leads to https: Caddy does so by itself.
  const site = readFileSync(file, "utf8").replace("https://localhost:443", "https://live.test");
  host.write(`${storageDir}/Caddyfile`, site.replace("\tauto_https disable_redirects\n", ""));
  const caddy = host.start("caddy", `caddy run --config ${storageDir}/Caddyfile --adapter caddyfile`);
  await Promise.race([host.untilSucceeds(`test -s ${caFile(storageDir)}`), caddy.died]);
  host.write("/etc/lectern-test/ca.crt", "");
  copyFileSync(host.outside(caFile(storageDir)), host.outside("/etc/lectern-test/ca.crt"));
  await host.untilSucceeds("curl -fsS -m 5 --cacert /etc/lectern-test/ca.crt https://live.test/api/status");
}
