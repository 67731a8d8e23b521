import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The files that a host's modules evaluate to, by their paths in `checks/golden/<host>/`. */
export type Golden = ReadonlyMap<string, Buffer>;

/** The server in front of a host's stages. */
export const frontOf = (golden: Golden): "caddy" | "nginx" => (golden.has("nginx.conf") ? "nginx" : "caddy");

const unitsOfFront = { caddy: ["caddy.service"], nginx: ["nginx.service", "nginx-config-reload.service"] };

/** The golden files, and the units of the host's front as nixpkgs' module sets them up. The golden drop-in comes on top of these. */
export const withFront = (golden: Golden): Golden =>
  new Map([
    ...golden,
    ...unitsOfFront[frontOf(golden)].map(
      (name) => [`units/${name}`, readFileSync(new URL(name, import.meta.url))] as const,
    ),
  ]);

/** Reads a host's golden files. Throws if it has none. */
export function readGolden(host: string): Golden {
  const folder = fileURLToPath(new URL(`../../golden/${host}`, import.meta.url));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [file.slice(folder.length + 1), readFileSync(file)] as const;
    }),
  );
}

/** A drop-in that replaces words in the command of a unit's golden file. Throws if the command has no such words. */
export function commandWith(golden: Golden, unit: string, words: string, others: string): string {
  const [command = ""] = /^ExecStart=.*$/m.exec(`${golden.get(`units/${unit}`)}`) ?? [];
  if (!command.includes(words)) throw new Error(`${unit} runs no command with ${words}`);
  return `[Service]\nExecStart=\n${command.replace(words, others)}\n`;
}

/** The host as it was before there was a gate: Owncast itself listens where cameras come. */
export function beforeTheGate(golden: Golden): Golden {
  const text = (file: string) => golden.get(file)?.toString() ?? "";
  const stages = JSON.parse(text("etc/lectern/stages.json")) as Record<string, Record<string, unknown>>;
  for (const stage of Object.values(stages)) {
    delete stage.gateStatusSocket;
    stage.units = Object.fromEntries(
      Object.entries(stage.units as object).filter(([role]) => !role.startsWith("gate")),
    );
  }
  const changes = new Map<string, string>([
    ["etc/lectern/stages.json", JSON.stringify(stages)],
    ["sysusers.conf", text("sysusers.conf").replace(/^.*\bgate-.*\n/gm, "")],
  ]);
  for (const [name, { rtmpUrl }] of Object.entries(stages))
    for (const unit of [`units/owncast-${name}.service`, `units/lectern-${name}-restart.service`])
      changes.set(
        unit,
        text(unit)
          .replace(/(?<= -rtmpport )\d+/, new URL(`${rtmpUrl}`).port)
          // The declaration differs, so the file that holds it gets another name.
          .replace(new RegExp(`(?<=/run/owncast-${name}/)[0-9a-f]+`), "before-the-gate"),
      );
  const isGates = (file: string) => /^units\/lectern-.+-gate(-\w+)?\.service$/.test(file);
  return new Map(
    [...golden].flatMap(([file, bytes]) =>
      isGates(file) ? [] : [[file, Buffer.from(changes.get(file) ?? bytes)] as const],
    ),
  );
}

// NixOS puts them here.
const places: readonly (readonly [string, string])[] = [
  ["units/", "/etc/systemd/system/"],
  ["etc/", "/etc/"],
  ["Caddyfile", "/etc/caddy/caddy_config"],
  ["nginx.conf", "/etc/nginx/nginx.conf"],
  ["sysusers.conf", "/etc/sysusers.d/lectern.conf"],
  ["tmpfiles.conf", "/etc/tmpfiles.d/lectern.conf"],
];

/** The path of a golden file on the host; undefined if the host has no such file. */
export function placeOf(file: string): string | undefined {
  const found = places.find(([start]) => (start.endsWith("/") ? file.startsWith(start) : file === start));
  return found && found[1] + (found[1].endsWith("/") ? file.slice(found[0].length) : "");
}

/** The golden files by their paths on the host. */
export const onHost = (golden: Golden): Map<string, Buffer> =>
  new Map([...golden].flatMap(([file, bytes]) => [placeOf(file)].flatMap((place) => (place ? [[place, bytes]] : []))));

/** The links that NixOS makes for `wantedBy` and `aliases`, by path, with their targets. */
export function unitLinks(golden: Golden): Map<string, string> {
  const links = new Map<string, string>();
  for (const [path, bytes] of onHost(golden)) {
    const unit = /^\/etc\/systemd\/system\/([^/]+)$/.exec(path)?.[1];
    if (unit === undefined) continue;
    for (const [, key, units = ""] of bytes.toString().matchAll(/^(Alias|WantedBy|RequiredBy)=(.*)$/gm))
      for (const other of units.split(" ")) {
        const folder = key === "WantedBy" ? `${other}.wants/${unit}` : `${other}.requires/${unit}`;
        links.set(`/etc/systemd/system/${key === "Alias" ? other : folder}`, path);
      }
  }
  return links;
}

/** Writes the golden files and the links into a folder. The folder becomes the host's root. */
export function install(golden: Golden, root: string): void {
  for (const [path, bytes] of onHost(golden)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes, { mode: 0o644 });
  }
  for (const [path, target] of unitLinks(golden)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
}

/** The SHA-256 of the host's files, by path, as `sha256sum` prints it there. */
export const hashes = (golden: Golden): Record<string, string> =>
  Object.fromEntries(
    [...onHost(golden)].map(([path, bytes]) => [path, createHash("sha256").update(bytes).digest("hex")]).sort(),
  );

/** The places in the store that the units and nginx.conf name, each once: `/nix/store/<hash>-<name>`. */
export const storePaths = (golden: Golden): string[] => [
  ...new Set(
    [...golden]
      .filter(([file]) => file.startsWith("units/") || file === "nginx.conf")
      .flatMap(([, bytes]) => bytes.toString().match(/\/nix\/store\/[^/\s":]+(?=\/)/g) ?? []),
  ),
];
