import { type ChildProcess, execFile } from "node:child_process";

const program = "systemd-notify";
// It waits until systemd has read the notice, and so may hang with it.
const limits = { timeout: 5000, killSignal: "SIGKILL" } as const;
const againMs = 1000;
// So many notices in each period of the watchdog: one may be late.
const perPeriod = 4;

/** What a service tells systemd while it runs. */
export interface SystemdNotices {
  stop(): void;
}

/**
 * Tells systemd that this service is up (`Type=notify`), and from then on, if it asks for that, that its event loop goes round
 * (`WatchdogSec=`). Does nothing without systemd. systemd takes datagrams, which Node cannot send to a socket with a path: its own
 * program does that, and the unit needs `NotifyAccess=all`. `say` gets a line if that fails; then systemd ends the service.
 */
export function startSystemdNotices(say: (line: string) => void): SystemdNotices {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: period } = process.env;
  if (!socket) return { stop() {} };
  const periodMs = Number(period) / 1000;
  let running: ChildProcess | undefined;
  let isUp = false;
  let isStopped = false;
  let said = "";
  const tell = (): void => {
    // One at a time: a machine that cannot start programs must not get more of them.
    if (running) return;
    running = execFile(program, [isUp ? "WATCHDOG=1" : "READY=1"], limits, (error) => {
      running = undefined;
      if (isStopped) return;
      isUp ||= !error;
      if (isUp && !(periodMs > 0)) clearInterval(telling);
      const line = error ? `systemd cannot be told that this service is well: ${error.message.trim()}` : "";
      if (line !== "" && line !== said) say(line);
      said = line;
    });
  };
  const telling = setInterval(tell, periodMs > 0 ? periodMs / perPeriod : againMs);
  tell();
  return {
    stop() {
      isStopped = true;
      clearInterval(telling);
      running?.kill("SIGKILL");
    },
  };
}
