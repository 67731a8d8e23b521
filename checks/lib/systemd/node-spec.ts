/** The parts of a node. All else comes from the root file system below it. */
export interface NodeSpec {
  readonly name: string;
  /** An empty folder that belongs to the node alone. */
  readonly folder: string;
  /** The root file system. The node is a throw-away layer on top of it. */
  readonly lower: string;
  /** A folder whose contents are copied over the root before the first boot, owners and modes included. Removed with the node. */
  readonly files: string;
  /** Files and folders of this machine that the node sees, read-only, at these paths. */
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  /** The node's own address, and that of the holder at the other end of the cable. */
  readonly address: string;
  readonly neighbour: string;
  /** The same for another network on the same cable. */
  readonly stranger: { readonly address: string; readonly neighbour: string };
}

/** The holder sends this when a boot has begun: systemd's process id on this machine. Any message to the holder means: boot again. */
export interface BootMessage {
  readonly pid: number;
}
