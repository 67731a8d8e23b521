/** What a node is made of; everything else comes from the root file system below it. */
export interface NodeSpec {
  readonly name: string;
  /** An empty folder that belongs to the node alone. */
  readonly folder: string;
  /** The root file system that it is a throw-away layer upon. */
  readonly lower: string;
  /** A folder whose contents are copied over the root before the first boot, owners and modes included. Removed with the node. */
  readonly files: string;
  /** Files and folders of this machine that the node sees, read-only, at these paths. */
  readonly binds: readonly { readonly source: string; readonly target: string }[];
  /** The node's own address, and that of the holder at the other end of the cable. */
  readonly address: string;
  readonly neighbour: string;
  /** The same over the same cable, from another network. */
  readonly stranger: { readonly address: string; readonly neighbour: string };
}

/** What the holder says when a boot has begun: systemd's process id, as this machine counts. Any message to it means: boot again. */
export interface BootMessage {
  readonly pid: number;
}
