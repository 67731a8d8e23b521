import { expect, it } from "vitest";
import { type Decision, decide } from "./switch-decision.ts";

const nothing: Decision = { stop: [], stopAndStart: [], restart: [], reload: [], leave: [] };
const golden = (service: string, more: Record<string, string> = {}) =>
  new Map(
    Object.entries({ "units/a.service": service, Caddyfile: "one", ...more }).map(([k, v]) => [k, Buffer.from(v)]),
  );
const unit = (service: string, head = "") => `[Unit]\nDescription=a\n${head}\n[Service]\nExecStart=/a\n${service}\n`;
const old = golden(unit(""));

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
  { claim: "stops what is gone", to: new Map([["Caddyfile", Buffer.from("one")]]), does: { stop: ["a.service"] } },
])("$claim", ({ to, does }) => {
  expect(decide(old, to, new Set(["a.service", "caddy.service"]))).toEqual({ ...nothing, ...does });
});

it("does nothing about what is not active", () => {
  expect(decide(old, golden(unit("User=b")), new Set())).toEqual({ ...nothing });
});
