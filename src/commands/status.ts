import { setTimeout as sleep } from "node:timers/promises";
import { findStage, type HostStage, readStages } from "../host/installed-stages.ts";
import { readStatus, statusExitCode } from "../host/stage-status.ts";
import { stageTarget } from "../host/stage-target.ts";
import { watcherOf, watchLines } from "../host/stage-watch.ts";
import { statusText } from "../host/status-text.ts";
import { type HostViewers, lookSeconds, readViewers } from "../host/viewers.ts";
import { viewersText } from "../host/viewers-text.ts";
import { paint } from "../lib/colour.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { LiveBlock } from "../lib/live-block.ts";
import { askedToEnd, readerGone } from "../lib/signals.ts";
import { examples, type Verb } from "./verb.ts";

interface StatusOptions {
  readonly deadline: string;
  readonly watch?: true;
  readonly viewers?: true;
  readonly json?: true;
}

const refreshMs = 2000;

/** `lectern status`: the state of this host's stages. */
export const verb: Verb<StatusOptions> = {
  configure(command) {
    command
      .argument("[stage]", "a stage of this host; all of them if left out")
      .option("--watch", "show what the camera sends and what is wrong with it, again and again, until Ctrl-C")
      .option("--viewers", `watch the viewers' connections for ${lookSeconds} s, and say who cannot keep up`)
      .option("--deadline <seconds>", "how long to wait for a server that does not answer", "5")
      .option("--json", "print the state as JSON; with --watch, one line each time")
      .addHelpText(
        "after",
        `\nOn a host, as root. Exits 0 if all is well, 2 if settings drifted, a unit failed, the gate waits for\nits port, there is no certificate, an edge does not answer, a caption track has a fault that is no missing\nperson, viewers do not get what the camera sends, or the object storage of a live stage gets no new video; 69 if\na server, a gate, the steering service or the captions service cannot be reached. --watch ends with 0. --viewers does not change the exit code: a viewer's line is no fault of the host.\nIt sees connections over TCP, of all stages of the host together.\n${examples(
          "lectern status",
          "lectern status main --json",
          "lectern status main --watch",
          "lectern status main --viewers",
        )}`,
      );
  },
  async run([name], { deadline, watch, viewers, json = false }): Promise<ExitCode> {
    if (watch && viewers)
      throw new CliError(ExitCode.usage, "--watch and --viewers exclude each other", "use one of them");
    const stages = name === undefined ? await readStages() : [await findStage(name)];
    if (watch && stages.length > 0) return watchStages(stages, deadline, json);
    const [all, seen] = await Promise.all([
      Promise.all(stages.map((stage) => readStatus(stage, deadline))),
      viewers && stages.length > 0 ? watchViewers(stages, deadline) : undefined,
    ]);
    const texts = () => [
      ...all.map((one) => statusText(one, Date.now(), paint)),
      ...(seen ? [viewersText(seen, paint)] : []),
    ];
    process.stdout.write(
      json
        ? `${JSON.stringify({ stages: all, ...(seen && { viewers: seen }) }, null, 2)}\n`
        : texts().join("\n") || "this host has no stages\n",
    );
    return statusExitCode(all);
  },
};

async function watchViewers(stages: readonly HostStage[], deadline: string): Promise<HostViewers> {
  process.stderr.write(`watching the viewers' connections for ${lookSeconds} s\n`);
  return readViewers(stages, deadline, { signal: askedToEnd() });
}

async function watchStages(stages: readonly HostStage[], deadline: string, json: boolean): Promise<ExitCode> {
  const signal = AbortSignal.any([askedToEnd(), readerGone()]);
  const watchers = await Promise.all(
    stages.map(async (stage) => {
      const { name, domain, gateStatusSocket, hlsDir } = stage;
      const target = await stageTarget(stage, deadline);
      return watcherOf({ name, address: `https://${domain}`, target: { ...target, signal }, gateStatusSocket, hlsDir });
    }),
  );
  const block = process.stdout.isTTY && !json ? new LiveBlock(process.stdout) : undefined;
  try {
    while (!signal.aborted) {
      const all = await Promise.all(watchers.map((look) => look())).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return [];
      });
      if (signal.aborted) break;
      const lines = all.flatMap((state) => [...watchLines(state, Date.now(), paint), ""]);
      if (json) process.stdout.write(`${JSON.stringify({ stages: all })}\n`);
      else if (block) block.show(lines.slice(0, -1));
      else process.stdout.write(`${lines.join("\n")}\n`);
      await sleep(refreshMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    block?.end();
  }
  return ExitCode.done;
}
