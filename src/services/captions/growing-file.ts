import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const mostWaitingBytes = 8 * 1024 * 1024;

/** A text file that only grows. A disk that is full or gone keeps its text waiting in memory, at most 8 MiB. */
export class GrowingFile {
  readonly #handle: FileHandle;
  #size: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isDirty = false;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  /** Opens the file for its owner to write and its group to read, and makes it if it is missing. Follows no link. Rejects with the system's error. */
  static async open(path: string): Promise<GrowingFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(path, flags, 0o640);
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw Object.assign(new Error(`${path} is not a file`), { code: "EINVAL" });
      // The process's mask may have taken the group's right.
      if (status.size === 0) await handle.chmod(0o640);
      return new GrowingFile(handle, status.size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Size of what is written, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** The whole content, at most `most` bytes. */
  async read(most: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(this.#size, most));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  }

  /** Cuts what follows. */
  async cutTo(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes);
    this.#size = bytes;
    this.#isDirty = true;
  }

  /** Takes text for the next `write`. False if too much waits already. */
  add(text: string): boolean {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes + bytes.length > mostWaitingBytes) return false;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return true;
  }

  /** Writes what waits. If it rejects, with the system's error, all of it waits on and the next `write` tries again. */
  async write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [bytes];
    this.#isDirty = true;
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#handle.write(bytes, at, bytes.length - at, this.#size + at)).bytesWritten;
    } catch (error) {
      // A reader sees no half of a cue; and the next try begins at the same place.
      await this.#handle.truncate(this.#size).catch(() => {});
      throw error;
    }
    this.#size += bytes.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Waits until what is written is on the disk. */
  async sync(): Promise<void> {
    if (!this.#isDirty) return;
    await this.#handle.datasync();
    this.#isDirty = false;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
