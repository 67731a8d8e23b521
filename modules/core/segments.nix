# Where a stage's segments are: on disk, or in memory.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (import ./lib/stage-option.nix { inherit lib; }) onStages;
  inherit (import ./lib/segments-size.nix { inherit lib; })
    neededBy
    neededWithCamera
    withReserve
    passesCameraOn
    ;
  cfg = config.services.lectern;

  isComputable = { ladder, ... }: ladder != null && !passesCameraOn ladder;

  stage =
    { config, ... }:
    let
      inherit (config.settings) video;
    in
    {
      options.segments = {
        inMemory = lib.mkOption {
          type = lib.types.bool;
          default = false;
          example = true;
          description = ''
            Whether the stage's segments are in memory (a tmpfs) instead of on disk. It spares a slow disk and one that wears out: video is
            written once and read by all viewers, and nobody needs it after three minutes. Takes effect at the next boot, on and off.
          '';
        };
        sizeMib = lib.mkOption {
          type = lib.types.nullOr lib.types.ints.positive;
          default = if isComputable video then withReserve (neededBy video) else null;
          defaultText = lib.literalMD "what ladder and latency need, and half as much again";
          example = 256;
          description = ''
            How much memory the segments may take, in MiB. They take only what they need. A larger size takes effect at the switch, a
            smaller one at the next boot. If the ladder passes the camera on, its bitrate is not known: then give the size.
          '';
        };
      };
    };

  assertionsOf =
    name:
    { segments, settings, ... }:
    let
      inherit (settings) video;
      inherit (segments) sizeMib;
      option = "services.lectern.stages.${name}.segments.sizeMib";
      needed = neededBy video;
      refuse = isWrong: message: {
        assertion = !isWrong;
        message = "${option} is ${message}";
      };
    in
    if video.ladder == null then
      [
        (refuse true "not enough to go by: Lectern computes what segments in memory need from settings.video.ladder, which is not declared, so the ladder of Owncast's admin page may be any: declare the ladder.")
      ]
    else
      [
        (refuse (sizeMib == null)
          "not set, and settings.video.ladder passes the camera on, so its bitrate is not known: give ${toString (withReserve (neededWithCamera 6000 video))} for a camera that sends up to 6000 kbit/s."
        )
        (refuse (sizeMib != null && sizeMib < needed) (
          if passesCameraOn video.ladder then
            "${toString sizeMib}, which is less than the encoded renditions alone need: give ${toString (withReserve (neededWithCamera 6000 video))} for a camera that sends up to 6000 kbit/s."
          else
            "${toString sizeMib}, and the segments of this ladder and latency need ${toString needed}: give ${toString needed} or more, or leave it out for ${toString (withReserve needed)}."
        ))
      ];

  # At boot, before the folders are made in it. No target wants it, so no switch starts it: a mount over the folder of a live stage
  # would hide its segments. A switch restarts it if it has changed, and then it only grows. When it stops, nothing is unmounted.
  unit =
    name: stage:
    lib.nameValuePair stage.names.units.memory {
      description = "Memory for the segments of the stage ${name}";
      wantedBy = [ "systemd-tmpfiles-setup.service" ];
      before = [
        "systemd-tmpfiles-setup.service"
        "shutdown.target"
      ];
      after = [ "local-fs.target" ];
      conflicts = [ "shutdown.target" ];
      stopIfChanged = false;
      inherit (cfg) onFailure;
      unitConfig.DefaultDependencies = false;
      # The usual hardening would give this unit mounts of its own, which no other unit would see.
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${lib.getExe cfg.package} memory-folder --size-mib ${toString stage.segments.sizeMib} --mount ${lib.getExe' pkgs.util-linux "mount"} ${stage.names.cacheDir}";
        CapabilityBoundingSet = "CAP_SYS_ADMIN";
        NoNewPrivileges = true;
        RestrictSUIDSGID = true;
        DevicePolicy = "closed";
        KeyringMode = "private";
        LockPersonality = true;
        RestrictRealtime = true;
        RestrictNamespaces = true;
        RestrictAddressFamilies = "none";
        IPAddressDeny = "any";
        SystemCallArchitectures = "native";
        SystemCallErrorNumber = "EPERM";
        SystemCallFilter = [ "@system-service @mount" ];
        MemoryMax = "512M";
        TasksMax = 256;
      };
    };

  inMemory = lib.filterAttrs (_: { segments, ... }: segments.inMemory) cfg.stages;
in
{
  options.services.lectern.stages = onStages stage;

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit inMemory;
    assertions = lib.concatLists (lib.mapAttrsToList assertionsOf inMemory);
  };
}
