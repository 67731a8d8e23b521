import type { Machine } from "../../../tools/setup/machine.mjs";

const goEnv = "go1.26.0\nlinux\namd64\nauto\n/mod\n/build";

/** A machine for tests: Debian, as root, with these programs. All commands succeed; `go env` and `nix --version` print usual values. */
export function fakeMachine(programs: readonly string[], changes: Partial<Machine> = {}): Machine {
  const find = (name: string) => (programs.includes(name) ? `/usr/bin/${name}` : undefined);
  return {
    platform: "linux",
    isRoot: true,
    env: { XDG_CACHE_HOME: "/nonexistent" },
    find,
    output: (command) => (command.endsWith("/go") ? goEnv : command === "nix" ? "nix (Nix) 2.18.1" : ""),
    freeBytes: () => 1e12,
    ...changes,
  };
}

export const everyProgram = [
  "apt-get",
  "go",
  "gcc",
  "ffmpeg",
  "caddy",
  "chromium",
  "ip",
  "unshare",
  "nsenter",
  "flock",
  "debootstrap",
  "nix",
  "nix-instantiate",
];
