import { expect, it } from "vitest";
import { type Decision, decide } from "./switch-decision.ts";

const nothing: Decision = { stop: [], stopAndStart: [], stopUntilAsked: [], restart: [], reload: [], leave: [] };
const golden = (service: string, more: Record<string, string> = {}) =>
  new Map(
    Object.entries({ "units/a.service": service, Caddyfile: "one", ...more }).map(([k, v]) => [k, Buffer.from(v)]),
  );
const unit = (service: string, head = "") => `[Unit]\nDescription=a\n${head}\n[Service]\nExecStart=/a\n${service}\n`;
const old = golden(unit(""));
const [oneSocket, otherSocket] = ["/a", "/b"].map((path) => `[Socket]\nListenStream=${path}\n`) as [string, string];
const [oneCaddy, otherCaddy] = ["/a", "/b"].map(
  (program) => `[Service]\nX-StopIfChanged=false\nExecStart=\nExecStart=${program}\n`,
) as [string, string];
const socketed = (service: string, socket = oneSocket, name = "a") =>
  golden(unit(service), { [`units/${name}.socket`]: socket });

it.each([
  { claim: "does nothing about what is the same", to: old, does: {} },
  {
    claim: "stops a changed service and starts it again",
    to: golden(unit("User=b")),
    does: { stopAndStart: ["a.service"] },
  },
  {
    claim: "does so for a changed trigger alone",
    to: golden(unit("", "X-Restart-Triggers=/x")),
    does: { stopAndStart: ["a.service"] },
  },
  {
    claim: "restarts in place with stopIfChanged = false",
    to: golden(unit("X-StopIfChanged=false")),
    does: { restart: ["a.service"] },
  },
  {
    claim: "leaves what has restartIfChanged = false",
    to: golden(unit("X-RestartIfChanged=false")),
    does: { leave: ["a.service"] },
  },
  {
    claim: "leaves what nobody may stop",
    to: golden(unit("User=b", "RefuseManualStop=yes")),
    does: { leave: ["a.service"] },
  },
  {
    claim: "reloads what has reloadIfChanged",
    to: golden(unit("X-ReloadIfChanged=true")),
    does: { reload: ["a.service"] },
  },
  {
    claim: "reloads for a changed reload trigger alone",
    to: golden(unit("", "X-Reload-Triggers=/x")),
    does: { reload: ["a.service"] },
  },
  { claim: "ignores a new description", to: golden(unit("").replace("=a", "=b")), does: {} },
  { claim: "ignores who wants it", to: golden(`${unit("")}[Install]\nWantedBy=x.target\n`), does: {} },
  {
    claim: "sees a changed drop-in",
    to: golden(unit(""), { "units/a.service.d/o.conf": "[Service]\nUser=b\n" }),
    does: { stopAndStart: ["a.service"] },
  },
  {
    claim: "reloads Caddy for a changed Caddyfile",
    to: golden(unit(""), { Caddyfile: "two" }),
    does: { reload: ["caddy.service"] },
  },
  {
    claim: "restarts Caddy in its place for another program, and does not reload it besides",
    to: golden(unit(""), { Caddyfile: "two", "units/caddy.service.d/o.conf": otherCaddy }),
    from: golden(unit(""), { "units/caddy.service.d/o.conf": oneCaddy }),
    does: { restart: ["caddy.service"] },
  },
  { claim: "stops what is gone", to: new Map([["Caddyfile", Buffer.from("one")]]), does: { stop: ["a.service"] } },
])("$claim", ({ from = old, to, does }) => {
  expect(decide(from, to, new Set(["a.service", "caddy.service"]))).toEqual({ ...nothing, ...does });
});

it("does nothing about what is not active", () => {
  expect(decide(old, golden(unit("User=b")), new Set())).toEqual({ ...nothing });
});

it.each([
  {
    claim: "leaves a changed socket as it is",
    from: socketed(""),
    to: socketed("", otherSocket),
    does: { leave: ["a.socket"] },
  },
  {
    claim: "stops a changed service with its socket, which alone is started again",
    from: socketed(""),
    to: socketed("User=b"),
    does: { stopUntilAsked: ["a.service"], stopAndStart: ["a.socket"] },
  },
  {
    claim: "takes over a socket that changed with its service",
    from: socketed(""),
    to: socketed("User=b", otherSocket),
    does: { stopUntilAsked: ["a.service"], stopAndStart: ["a.socket"] },
  },
  {
    claim: "knows a socket by what the service says",
    from: socketed("Sockets=b.socket", oneSocket, "b"),
    to: socketed("Sockets=b.socket\nUser=b", oneSocket, "b"),
    does: { stopUntilAsked: ["a.service"], stopAndStart: ["b.socket"] },
  },
  {
    claim: "leaves the socket alone when the service is restarted in place",
    from: socketed("X-StopIfChanged=false"),
    to: socketed("X-StopIfChanged=false\nUser=b"),
    does: { restart: ["a.service"] },
  },
  {
    claim: "starts both with X-NotSocketActivated",
    from: socketed(""),
    to: socketed("X-NotSocketActivated=true"),
    does: { stopAndStart: ["a.service", "a.socket"] },
  },
  {
    claim: "lets a socket that is new start the service",
    from: old,
    to: socketed("User=b", oneSocket),
    active: ["a.service"],
    does: { stopUntilAsked: ["a.service"] },
  },
  {
    claim: "starts the service itself when its socket is gone",
    from: socketed(""),
    to: golden(unit("User=b")),
    does: { stop: ["a.socket"], stopAndStart: ["a.service"] },
  },
])("$claim", ({ from, to, does, active = ["a.service", "a.socket", "b.socket"] }) => {
  expect(decide(from, to, new Set(active))).toEqual({ ...nothing, ...does });
});

it("finds a renamed unit by its alias, and stops one that has none", () => {
  const renamed = (alias: string) =>
    new Map([
      ["Caddyfile", Buffer.from("one")],
      ["units/b.service", Buffer.from(`${unit("X-StopIfChanged=false")}[Install]\n${alias}\n`)],
    ]);
  const active = new Set(["a.service"]);
  expect(decide(old, renamed("Alias=a.service"), active)).toEqual({ ...nothing, restart: ["a.service"] });
  expect(decide(old, renamed(""), active)).toEqual({ ...nothing, stop: ["a.service"] });
});

it("restarts another nginx in its place, leaves its configuration to the unit that each switch starts, and stops Caddy for it", () => {
  const behindNginx = (program: string, config: string) =>
    new Map(
      Object.entries({
        "nginx.conf": config,
        "units/nginx.service.d/overrides.conf": `[Service]\nExecStart=\nExecStart=${program}\n`,
      }).map(([file, text]) => [file, Buffer.from(text)]),
    );
  const active = new Set(["caddy.service", "nginx.service"]);
  const from = behindNginx("/a", "one");
  expect(decide(from, behindNginx("/b", "one"), active)).toEqual({ ...nothing, restart: ["nginx.service"] });
  expect(decide(from, behindNginx("/a", "two"), active)).toEqual(nothing);
  const withCaddy = new Map([["Caddyfile", Buffer.from("one")]]);
  expect(decide(withCaddy, from, active)).toEqual({ ...nothing, stop: ["caddy.service"] });
});
