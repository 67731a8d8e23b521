import { expect, it } from "vitest";
import { laneRunner } from "./run-lane.mjs";

const network = ["--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
const user = ["--user", "--map-root-user"];

it.each([
  ["root", "e2e", true, true, ["unshare", ...network]],
  ["root", "unit", true, true, ["unshare", ...network]],
  ["root that may not make networks", "unit", true, false, []],
  ["root that may not make networks", "e2e", true, false, []],
  ["another user", "e2e", false, true, ["unshare", ...user, ...network]],
  ["another user who may not make networks", "e2e", false, false, ["unshare", ...user, "--"]],
  // Chromium would be offline.
  ["root", "browser", true, true, []],
  ["another user", "browser", false, true, ["unshare", ...user, "--"]],
  ["another user", "unit", false, true, []],
  // Nodes have networks of their own, and Nix may fetch.
  ["root", "systemd", true, true, []],
  ["root", "flake", true, true, []],
] as const)("%s runs %s as its ports take it", (_, lane, isRoot, succeeds, command) =>
  expect(laneRunner(lane, { isRoot, succeeds: () => succeeds })).toEqual(command),
);
