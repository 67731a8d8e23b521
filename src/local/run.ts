import type { ExitCode } from "../lib/errors.ts";
import type { Ports } from "./ports.ts";

/** What the demo's outer process tells the inner one; plain data, passed as JSON. */
export interface DemoRun {
  readonly seedFile: string;
  /** Nobody named a stage: it is the demo's own, which may be run in less effort. */
  readonly isExample?: boolean;
  /** The folder with secrets that a person gave; without one, what needs those of other services is left out. */
  readonly secretsDir?: string | undefined;
  /** Private folder of this run; removed when the demo ends. */
  readonly dir: string;
  /** Kept between runs: Caddy's certificate authority. */
  readonly caddyDir: string;
  readonly ports: Ports;
  /** Prove every rendition, then end. */
  readonly once: boolean;
  /** Push the synthetic camera; without it the demo waits for a person's own. */
  readonly camera: boolean;
  readonly json: boolean;
  /** Say each request to a web server. */
  readonly verbose: boolean;
  /** Who started it: inside the namespaces everybody may look like root. */
  readonly user: string;
  readonly programs: { readonly owncast: string; readonly caddy: string; readonly ffmpeg: string };
}

/**
 * What the inner process tells the outer one: that the stream is up (from then on an interrupt is the regular end),
 * and with which code it ends. One that is killed cannot say the latter.
 */
export type DemoMessage = { readonly up: true } | { readonly endsWith: ExitCode };
