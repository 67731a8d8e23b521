# How much room a stage's segments need, in MiB. docs/keeper.md explains the sum.
{ lib }:
let
  # Owncast's latency levels: seconds of a segment, and how many a playlist lists.
  levels = {
    lowest = {
      seconds = 1;
      listed = 25;
    };
    low = {
      seconds = 2;
      listed = 15;
    };
    medium = {
      seconds = 3;
      listed = 10;
    };
    high = {
      seconds = 4;
      listed = 8;
    };
    highest = {
      seconds = 5;
      listed = 5;
    };
  };

  # Once a minute Owncast removes all but the listed segments and ten more; one is being written, and one more may be. The keeper's
  # hard links are the same files. It also holds what was listed in the last 65 s, which Owncast may have wiped at a reconnect;
  # then Owncast has as much less.
  secondsAt = { seconds, listed }: seconds * (listed + 12) + 60;
  # An admin may choose any level if the settings leave it out.
  secondsOf =
    latency:
    if latency == null then
      lib.foldl' lib.max 0 (map secondsAt (lib.attrValues levels))
    else
      secondsAt levels.${latency};

  # In kbit/s: Owncast gives the encoder 192 less and lets it exceed that by 8 %. A camera's sound that is passed on has 320 at most.
  # The transport stream adds up to 10 %.
  rateOf =
    { bitrateKbps, audioBitrateKbps, ... }:
    let
      orElse = fallback: value: if value == null then fallback else value;
    in
    # A bitrate that is missing fails the build.
    ((orElse 192 bitrateKbps - 192) * 1.08 + orElse 320 audioBitrateKbps) * 1.1;
  isEncoded = { passthrough, ... }: passthrough != true;

  # Two MiB a rendition for Owncast's offline clip (0.7), the last pages of files that are not full, playlists and the keeper's state.
  mibOf =
    seconds: rates:
    builtins.ceil (lib.foldl' builtins.add 0 rates * seconds * 1000 / 8 / 1048576)
    + 2 * lib.length rates;
in
{
  # What the encoded renditions need.
  neededBy =
    { ladder, latency, ... }: mibOf (secondsOf latency) (map rateOf (lib.filter isEncoded ladder));

  # The same beside a camera whose stream is passed on at this rate.
  neededWithCamera =
    kbps:
    { ladder, latency, ... }:
    mibOf (secondsOf latency) (
      map (rendition: if isEncoded rendition then rateOf rendition else kbps * 1.1) ladder
    );

  # With half as much again, for a segment that is longer than it should be.
  withReserve = needed: builtins.ceil (needed * 1.5);

  passesCameraOn = ladder: !lib.all isEncoded ladder;
}
