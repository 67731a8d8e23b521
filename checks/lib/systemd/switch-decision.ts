import { type Golden, onHost, unitLinks, withFront } from "./golden-files.ts";

/** A switch's effect on units, as `switch-to-configuration` prints it. */
export interface Decision {
  /** No longer declared: stopped before anything else. */
  readonly stop: readonly string[];
  /** Stopped with those, and started again at the end. This is the usual case for a changed service and its socket. */
  readonly stopAndStart: readonly string[];
  /** Services that are stopped with those. Their sockets are started again, and start the services at the next connection. */
  readonly stopUntilAsked: readonly string[];
  readonly restart: readonly string[];
  readonly reload: readonly string[];
  /** Changed, and left as they are. */
  readonly leave: readonly string[];
}

/** `section/key` → values, in their order. */
type Unit = ReadonlyMap<string, readonly string[]>;

// A change of only these keys does not affect a running unit.
const idle =
  /^(Install\/.*|Unit\/(X-Reload-Triggers|Description|Documentation|OnFailure|OnSuccess|OnFailureJobMode|IgnoreOnIsolate|StopWhenUnneeded|RefuseManualStart|RefuseManualStop|AllowIsolate|CollectMode|SourcePath))$/;

/**
 * What NixOS' switch does with the active units, from the difference of two golden folders alone.
 * Covers services: removal, X-RestartIfChanged, X-StopIfChanged, X-ReloadIfChanged, RefuseManualStop, X-Restart-Triggers,
 * X-Reload-Triggers and drop-ins. Covers sockets: Sockets, X-NotSocketActivated; a switch leaves a changed socket as it is
 * unless it stops its service. Not covered, as these hosts have none: mounts, timers, user units, X-OnlyManualStart,
 * X-StopOnRemoval. Only the drop-in of the front's unit is golden, nixpkgs has the rest: so the Caddyfile counts as a reload
 * trigger. nginx is reloaded by a unit that each switch starts, because its target wants it.
 */
export function decide(from: Golden, to: Golden, active: ReadonlySet<string>): Decision {
  const [before, after] = [unitsOf(from), unitsOf(to)];
  const running = [...before].filter(([name]) => active.has(name));
  const changed = running.flatMap(([name, old]) =>
    differences(old, after.get(name) ?? old).some((key) => !idle.test(key)) ? [name] : [],
  );
  const reloadTriggered = running.flatMap(([name, old]) =>
    differences(old, after.get(name) ?? old).join() === "Unit/X-Reload-Triggers" ? [name] : [],
  );
  const is = (name: string, key: string, otherwise: boolean) => readSwitch(after.get(name), key, otherwise);
  const services = changed.filter((name) => !isSocket(name));
  const reload = services.filter((name) => is(name, "Service/X-ReloadIfChanged", false));
  const leave = services.filter(
    (name) =>
      !reload.includes(name) &&
      (!is(name, "Service/X-RestartIfChanged", true) || is(name, "Unit/RefuseManualStop", false)),
  );
  const rest = services.filter((name) => !reload.includes(name) && !leave.includes(name));
  const stopped = rest.filter((name) => is(name, "Service/X-StopIfChanged", true));
  const stopUntilAsked = stopped.filter(
    (name) => socketsOf(name, after).length > 0 && !is(name, "Service/X-NotSocketActivated", false),
  );
  const sockets = stopped.flatMap((name) => socketsOf(name, after)).filter((name) => active.has(name));
  const caddyfile = to.has("Caddyfile") && `${from.get("Caddyfile")}` !== `${to.get("Caddyfile")}`;
  return {
    stop: running.flatMap(([name]) => (after.has(name) ? [] : [name])),
    stopAndStart: [...stopped.filter((name) => !stopUntilAsked.includes(name)), ...sockets],
    stopUntilAsked,
    restart: rest.filter((name) => !stopped.includes(name)),
    reload: [...reload, ...reloadTriggered, ...(caddyfile && !rest.includes("caddy.service") ? ["caddy.service"] : [])],
    leave: [...leave, ...changed.filter((name) => isSocket(name) && !sockets.includes(name))],
  };
}

const isSocket = (name: string) => name.endsWith(".socket");

/** The sockets of a service on the new host: those that it names, else the socket of its own name. */
function socketsOf(service: string, units: ReadonlyMap<string, Unit>): string[] {
  const named = units.get(service)?.get("Service/Sockets")?.join(" ").split(/\s+/).filter(Boolean) ?? [];
  const sockets = named.length > 0 ? named : [service.replace(/\.service$/, ".socket")];
  return sockets.filter((name) => units.has(name));
}

/** The units of a host by each of their names, drop-ins merged. */
function unitsOf(host: Golden): Map<string, Unit> {
  const golden = withFront(host);
  const units = new Map<string, Map<string, string[]>>();
  const files = onHost(golden);
  for (const [link, target] of unitLinks(golden)) {
    const bytes = files.get(target);
    if (bytes) files.set(link, bytes);
  }
  for (const [path, bytes] of [...files].sort()) {
    const name = /^\/etc\/systemd\/system\/([^/]+\.(?:service|socket))(?:\.d\/.+)?$/.exec(path)?.[1];
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

/** How the files on disk differ: files to write (bytes, or a link's target), and files to remove. */
export function fileChanges(from: Golden, to: Golden): { write: Map<string, Buffer | string>; remove: string[] } {
  const [before, after] = [from, to].map(
    (host) => new Map<string, Buffer | string>([...onHost(withFront(host)), ...unitLinks(withFront(host))]),
  ) as [Map<string, Buffer | string>, Map<string, Buffer | string>];
  return {
    write: new Map([...after].filter(([path, what]) => `${before.get(path)}` !== `${what}`)),
    remove: [...before.keys()].filter((path) => !after.has(path)),
  };
}
