/*
 * Generated; do not edit.
 * Source: codegen/schema/
 * After an edit there: npm run codegen
 */

export interface Seed {
  /**
   * What viewers read about the stage.
   */
  instance?: {
    /**
     * The stage's name: the page's heading, the browser tab, what a shared link shows.
     */
    name?: string;
    /**
     * One or two sentences under the name; also what search engines and link previews show.
     */
    summary?: string;
    /**
     * Words that describe the stream, shown as labels on the page. The list replaces Owncast's.
     *
     * @maxItems 30
     *
     * Items: A single tag, without the leading `#`.
     */
    tags?: string[];
    /**
     * The page's body below the video, in Markdown. Left out, Owncast's own text stays, and that one makes every viewer's browser call two other sites; set it, even to `""`, so that it does not.
     */
    pageText?: string;
    /**
     * Links to the team's other places, shown as icons. The list replaces Owncast's.
     *
     * @maxItems 30
     */
    socialHandles?: {
      /**
       * The network, by the name Owncast knows its icon by; unknown ones get a plain link.
       */
      platform: string;
      /**
       * Where the link goes.
       */
      url: string;
    }[];
  };
  /**
   * Picture and sound, as it is applied.
   */
  video?: {
    /**
     * Buffer between camera and viewer, in segment lengths of 1 to 5 s: `low` for questions and answers, `high` for shaky networks.
     */
    latency?: "lowest" | "low" | "medium" | "high" | "highest";
    /**
     * The renditions that viewers' players choose from, smallest first. The list replaces Owncast's.
     *
     * @minItems 1
     * @maxItems 8
     */
    ladder?: {
      /**
       * What the viewer picks in the quality menu.
       */
      name: string;
      /**
       * Picture width in pixels, even.
       */
      width: number;
      /**
       * Picture height in pixels, even.
       */
      height: number;
      /**
       * Pictures per second.
       */
      framerate: number;
      /**
       * Video bitrate as Owncast is sent it, in kbit/s; its encoder gets 192 less.
       */
      bitrateKbps: number;
      /**
       * Sound bitrate in kbit/s. Left out, the sound is passed through as it comes from the camera.
       */
      audioBitrateKbps?: number;
      /**
       * Effort of the encoder: more looks better at the same bitrate and takes more processor. Left out: `medium`.
       */
      cpuUsage?: "lowest" | "low" | "medium" | "high" | "highest";
    }[];
  };
  /**
   * The chat beside the video.
   */
  chat?: {
    /**
     * Whether viewers have a chat beside the video.
     */
    enabled?: boolean;
  };
  /**
   * Who may publish and who may administer, as it is applied: both always, for Owncast's defaults are public.
   */
  access: {
    /**
     * The password of the admin page (user `admin`), by the name of its secret. Left out of a stage file: `admin-password`.
     */
    adminPassword: {
      /**
       * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
    };
    /**
     * Who may publish: one key each, by the name of its secret. The list replaces Owncast's, whose default key is public. Left out of a stage file: one key, `stream-key`.
     *
     * @minItems 1
     * @maxItems 50
     */
    streamKeys: {
      /**
       * A secret by its name. The value lies in a file of that name in the secrets folder, never in a stage file or a seed.
       */
      secret: string;
      /**
       * Whose key it is.
       */
      comment?: string;
    }[];
  };
}
