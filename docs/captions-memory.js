// Remembers the caption language that a viewer chose, in that viewer's browser. For Owncast's setting `customJavascript`.
(() => {
  const key = "lectern-captions";
  const watched = new WeakSet();
  const storage = () => {
    try {
      return window.localStorage;
    } catch {
      // The viewer's browser allows no storage: nothing is remembered.
      return undefined;
    }
  };
  const look = () => {
    const player = document.querySelector(".video-js")?.player;
    if (!player?.textTracks) return;
    const tracks = player.textTracks();
    const ofViewers = () => Array.from(tracks).filter(({ kind }) => kind === "subtitles" || kind === "captions");
    const restore = () => {
      const wanted = storage()?.getItem(key);
      if (!wanted || ofViewers().some(({ mode }) => mode === "showing")) return;
      const track = ofViewers().find(({ language }) => language === wanted);
      if (track) track.mode = "showing";
    };
    if (watched.has(player)) return;
    watched.add(player);
    tracks.addEventListener("addtrack", restore);
    restore();
    // Only a viewer's own choice counts: the player itself turns tracks off when it loads a stream.
    player.el().addEventListener("click", (event) => {
      if (!event.target.closest?.(".vjs-subs-caps-button .vjs-menu-item")) return;
      setTimeout(() => {
        const shown = ofViewers().find(({ mode }) => mode === "showing");
        if (shown) storage()?.setItem(key, shown.language);
        else storage()?.removeItem(key);
      });
    });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
})();
