// Runs in the page before its own scripts: records every frame that a <video> shows, and the events of the <video>.
// A classic script without imports; checks/lib/browser/browser-viewer.ts gives it to the browser and starts it.

/**
 * @typedef {object} ShownFrame
 * @property {number} atMs time when it was shown, in ms since the epoch
 * @property {number} mediaSeconds its place in the stream, by the player's clock
 * @property {number} width
 * @property {number} height
 * @property {number[]} blocks gray of each block of the clock
 */

/**
 * @typedef {object} Layout where the clock's blocks are; see src/media/painted-clock.ts
 * @property {number} blockCount
 * @property {{ top: number, height: number }} blockBand fractions of the frame's height
 */

/** @param {Layout} layout */
function startRecorder({ blockCount, blockBand }) {
  /** @type {ShownFrame[]} */
  const frames = [];
  /** @type {{ atMs: number, type: string }[]} */
  const events = [];
  const seen = new WeakSet();
  // Eight pixels a block. Only the inner four count, as scaling blurs the edges.
  const pixelsPerBlock = 8;
  const inner = { from: 2, to: 6 };
  const canvas = document.createElement("canvas");
  canvas.width = blockCount * pixelsPerBlock;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });

  /** @param {HTMLVideoElement} video */
  const readBlocks = (video) => {
    if (!context) return [];
    const band = [0, video.videoHeight * blockBand.top, video.videoWidth, video.videoHeight * blockBand.height];
    const [x = 0, y = 0, width = 0, height = 0] = band;
    context.drawImage(video, x, y, width, height, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: blockCount }, (_, block) => {
      let sum = 0;
      // The clock is gray: its green is its brightness.
      for (let pixel = inner.from; pixel < inner.to; pixel++)
        sum += data[(block * pixelsPerBlock + pixel) * 4 + 1] ?? 0;
      return Math.round(sum / (inner.to - inner.from));
    });
  };

  /** @param {HTMLVideoElement} video */
  const watch = (video) => {
    if (seen.has(video)) return;
    seen.add(video);
    for (const type of ["playing", "waiting", "stalled", "pause", "ended", "error", "emptied"])
      video.addEventListener(type, () => events.push({ atMs: Date.now(), type }));
    const onFrame = (/** @type {number} */ _now, /** @type {VideoFrameCallbackMetadata} */ { mediaTime }) => {
      const { videoWidth: width, videoHeight: height } = video;
      frames.push({ atMs: Date.now(), mediaSeconds: mediaTime, width, height, blocks: readBlocks(video) });
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };

  new MutationObserver(() => document.querySelectorAll("video").forEach(watch)).observe(document, {
    childList: true,
    subtree: true,
  });
  return {
    bufferedSeconds: () => {
      const video = document.querySelector("video");
      if (!video) return 0;
      const { buffered, currentTime } = video;
      // After a drop there may be two ranges with a gap between them. Only the range that is playing counts.
      for (let range = 0; range < buffered.length; range++)
        if (buffered.start(range) <= currentTime && currentTime <= buffered.end(range))
          return buffered.end(range) - currentTime;
      return 0;
    },
    frames: (/** @type {number} */ sinceMs) => frames.filter(({ atMs }) => atMs >= sinceMs),
    events: (/** @type {number} */ sinceMs) => events.filter(({ atMs }) => atMs >= sinceMs),
  };
}

Object.assign(globalThis, { startRecorder });
