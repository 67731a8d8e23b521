# Proves: the memory for a stage's segments is computed from ladder and latency. A size that is too small is refused with one that
# works. No switch mounts or unmounts anything.
{
  lib,
  host,
  files,
  refusals,
  ...
}:
let
  rendition = name: bitrateKbps: {
    inherit name bitrateKbps;
    framerate = 30;
  };
  stage = video: segments: {
    settings.video = video;
    segments = {
      inMemory = true;
    }
    // segments;
  };
  sizeOf = video: (host [ (stage video { }) ]).services.lectern.stages.main.segments.sizeMib;
  refused = video: segments: refusals (host [ (stage video segments) ]);
  lecture = [
    (rendition "SD" 1000)
    (rendition "HD" 1600)
    (rendition "FHD" 3200)
  ];
  low = {
    latency = "low";
    ladder = lecture;
  };
  option = "services.lectern.stages.main.segments.sizeMib";
  unitOf = module: (host [ module ]).systemd.services.lectern-main-memory or null;
in
{
  # By hand, for `lecture` at `low`: 15 listed segments, 10 more and 2, of 2 s, and a minute are 114 s. 808 + 1408 + 3008 kbit/s
  # of video by 1.08, and 3 × 320 of sound, by 1.1, are 7262 kbit/s. That is 98.7 MiB, and 6 for what else there is: 105, and 158
  # with half as much again.
  "the size follows from the ladder's bitrates, its sound and the latency" = {
    expr = map sizeOf [
      low
      (low // { latency = "lowest"; })
      (low // { latency = "highest"; })
      (low // { ladder = map (one: one // { audioBitrateKbps = 128; }) lecture; })
      (low // { ladder = lib.take 1 lecture; })
    ];
    expected = [
      158
      135
      198
      146
      30
    ];
  };

  "without a declared latency there is room for each level that an admin may choose" = {
    expr = sizeOf (low // { latency = null; }) == sizeOf (low // { latency = "highest"; });
    expected = true;
  };

  "a size that is too small is refused, with the numbers that work; they work" = {
    expr = map (sizeMib: refused low { inherit sizeMib; }) [
      104
      105
      158
    ];
    expected = [
      [
        "${option} is 104, and the segments of this ladder and latency need 105: give 105 or more, or leave it out for 158."
      ]
      [ ]
      [ ]
    ];
  };

  "a ladder that passes the camera on needs a size, and the message has one, which works" = {
    expr =
      let
        video = low // {
          ladder = [
            (rendition "SD" 1000)
            {
              name = "Source";
              passthrough = true;
            }
          ];
        };
      in
      [
        (refused video { })
        (refused video { sizeMib = 168; })
        (refused video { sizeMib = 18; })
      ];
    expected = [
      [
        "${option} is not set, and settings.video.ladder passes the camera on, so its bitrate is not known: give 168 for a camera that sends up to 6000 kbit/s."
      ]
      [ ]
      [
        "${option} is 18, which is less than the encoded renditions alone need: give 168 for a camera that sends up to 6000 kbit/s."
      ]
    ];
  };

  "a ladder that Lectern does not manage is refused" = {
    expr = refused { ladder = null; } { };
    expected = [
      "${option} is not enough to go by: Lectern computes what segments in memory need from settings.video.ladder, which is not declared, so the ladder of Owncast's admin page may be any: declare the ladder."
    ];
  };

  "nothing of this is asked of a stage whose segments are on disk" = {
    expr = [
      (refusals (host [ { settings.video.ladder = null; } ]))
      (refusals (host [ { segments.sizeMib = 1; } ]))
      (unitOf { })
    ];
    expected = [
      [ ]
      [ ]
      null
    ];
  };

  # NixOS' switch starts what active targets want. This is wanted by a service that runs at boot alone.
  "only a boot mounts it, before the folders are made in it, and stopping it unmounts nothing" = {
    expr =
      let
        unit = unitOf (stage low { });
      in
      {
        inherit (unit) wantedBy before stopIfChanged;
        stops = unit.serviceConfig ? ExecStop;
        command = lib.hasSuffix "/bin/lectern memory-folder --size-mib 158 --mount ${lib.last (lib.splitString " --mount " unit.serviceConfig.ExecStart)}" unit.serviceConfig.ExecStart;
        folder = lib.hasSuffix " /var/cache/lectern/main" unit.serviceConfig.ExecStart;
      };
    expected = {
      wantedBy = [ "systemd-tmpfiles-setup.service" ];
      before = [
        "systemd-tmpfiles-setup.service"
        "shutdown.target"
      ];
      stopIfChanged = false;
      stops = false;
      command = true;
      folder = true;
    };
  };

  # A mount of its own would be seen by that unit alone.
  "nothing in its unit gives it mounts of its own" = {
    expr = lib.filter (
      key:
      lib.any (prefix: lib.hasPrefix prefix key) [
        "Protect"
        "Private"
        "Bind"
        "Read"
        "Temporary"
        "Load"
        "Root"
        "MountFlags"
      ]
    ) (lib.attrNames (unitOf (stage low { })).serviceConfig);
    expected = [ ];
  };

  "all other units stay the same, so a live stage is left alone" = {
    expr =
      let
        on = files [ (stage low { }) ];
        off = files [ { settings.video = low; } ];
      in
      lib.attrNames (lib.filterAttrs (path: text: text != off.${path} or null) on);
    expected = [
      "etc/lectern/stages.json"
      "units/lectern-main-memory.service"
    ];
  };
}
