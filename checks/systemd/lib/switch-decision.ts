import { type Golden, onHost, wantsLinks } from "./golden.ts";

/** What a switch does to units, as `switch-to-configuration` would print it. */
export interface Decision {
  /** No longer declared: stopped before anything else. */
  readonly stop: readonly string[];
  /** Stopped with those, and started again at the end: the usual way of a changed unit. */
  readonly stopAndStart: readonly string[];
  readonly restart: readonly string[];
  readonly reload: readonly string[];
  /** Changed, and left as they are. */
  readonly leave: readonly string[];
}

/** `section/key` → values, in their order. */
type Unit = ReadonlyMap<string, readonly string[]>;

// A change of these alone means nothing to a running unit.
const idle =
  /^(Install\/.*|Unit\/(X-Reload-Triggers|Description|Documentation|OnFailure|OnSuccess|OnFailureJobMode|IgnoreOnIsolate|StopWhenUnneeded|RefuseManualStart|RefuseManualStop|AllowIsolate|CollectMode|SourcePath))$/;

/**
 * What NixOS' switch does about the units that are active, decided from the difference of two golden folders alone.
 * Covers services: removal, X-RestartIfChanged, X-StopIfChanged, X-ReloadIfChanged, RefuseManualStop, X-Restart-Triggers and
 * X-Reload-Triggers, drop-ins. Not covered, as none differs between the hosts here: sockets, mounts, timers, user units,
 * X-OnlyManualStart, X-StopOnRemoval. Caddy's own unit is nixpkgs' and not golden: its Caddyfile counts as the reload trigger that it is there.
 */
export function decide(from: Golden, to: Golden, active: ReadonlySet<string>): Decision {
  const [before, after] = [unitsOf(from), unitsOf(to)];
  const changed = [...before].filter(([name, old]) => {
    const now = after.get(name);
    return active.has(name) && now && differences(old, now).some((key) => !idle.test(key));
  });
  const changedNames = changed.map(([name]) => name);
  const is = (name: string, key: string, otherwise: boolean) => readSwitch(after.get(name), key, otherwise);
  const reload = changedNames.filter((name) => is(name, "Service/X-ReloadIfChanged", false));
  const leave = changedNames.filter(
    (name) =>
      !reload.includes(name) &&
      (!is(name, "Service/X-RestartIfChanged", true) || is(name, "Unit/RefuseManualStop", false)),
  );
  const rest = changedNames.filter((name) => !reload.includes(name) && !leave.includes(name));
  const reloadTriggered = [...before]
    .filter(
      ([name, old]) => active.has(name) && differences(old, after.get(name) ?? old).join() === "Unit/X-Reload-Triggers",
    )
    .map(([name]) => name);
  const caddyfile = !from.get("Caddyfile")?.equals(to.get("Caddyfile") ?? Buffer.alloc(0));
  return {
    stop: [...before.keys()].filter((name) => active.has(name) && !after.has(name)),
    stopAndStart: rest.filter((name) => is(name, "Service/X-StopIfChanged", true)),
    restart: rest.filter((name) => !is(name, "Service/X-StopIfChanged", true)),
    reload: [...reload, ...reloadTriggered, ...(caddyfile && !rest.includes("caddy.service") ? ["caddy.service"] : [])],
    leave,
  };
}

/** The units of a host, drop-ins merged. */
function unitsOf(golden: Golden): Map<string, Unit> {
  const units = new Map<string, Map<string, string[]>>();
  for (const [path, bytes] of [...onHost(golden)].sort()) {
    const name = /^\/etc\/systemd\/system\/([^/]+\.service)(?:\.d\/.+)?$/.exec(path)?.[1];
    if (name === undefined) continue;
    const unit = units.get(name) ?? new Map<string, string[]>();
    units.set(name, unit);
    let section = "";
    for (const line of bytes.toString().split("\n")) {
      section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
      const [, key, value = ""] = /^([A-Za-z-]+)=(.*)$/.exec(line) ?? [];
      if (key !== undefined) unit.set(`${section}/${key}`, [...(unit.get(`${section}/${key}`) ?? []), value]);
    }
  }
  return units;
}

const differences = (old: Unit, now: Unit): string[] =>
  [...new Set([...old.keys(), ...now.keys()])].filter((key) => `${old.get(key)}` !== `${now.get(key)}`);

const readSwitch = (unit: Unit | undefined, key: string, otherwise: boolean): boolean => {
  const value = unit?.get(key)?.at(-1);
  return value === undefined ? otherwise : /^(1|yes|true|on)$/i.test(value);
};

/** What of the files on disk differs: to be written (bytes, or a link's target), and to be removed. */
export function fileChanges(from: Golden, to: Golden): { write: Map<string, Buffer | string>; remove: string[] } {
  const [before, after] = [from, to].map(
    (golden) => new Map<string, Buffer | string>([...onHost(golden), ...wantsLinks(golden)]),
  ) as [Map<string, Buffer | string>, Map<string, Buffer | string>];
  return {
    write: new Map([...after].filter(([path, what]) => `${before.get(path)}` !== `${what}`)),
    remove: [...before.keys()].filter((path) => !after.has(path)),
  };
}
