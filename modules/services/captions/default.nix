# Captions: a service that hears each segment's sound and writes its captions beside it. Owncast and the viewers' picture do not
# depend on it: while it is down, the keeper offers no tracks.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  hardening = import ../../core/lib/lectern-hardening.nix;
  inherit (import ./elsewhere.nix { inherit lib; }) accessTo;

  captioned = lib.filterAttrs (_: { captionTracks, ... }: captionTracks != [ ]) cfg.stages;
  isPublished = { mergedSeed, ... }: (mergedSeed.captions.transcript or null) == "published";
  hasInterpreters =
    { captionTracks, ... }: lib.any ({ source, ... }: source == "interpreter") captionTracks;

  # The speech server of each language: the stage's own unit, or the declared one.
  serversOf =
    { captions, speechEngines, ... }:
    lib.mapAttrs (_: { socket, ... }: "unix:${socket}") speechEngines // captions.speech;

  # A program is told apart from an address by its slash.
  translatorOf = place: if lib.hasPrefix "/" place then "command:${place}" else place;

  commandOf =
    stage:
    let
      inherit (stage) names;
      each =
        option: places: lib.mapAttrsToList (language: place: "--${option} ${language}=${place}") places;
    in
    lib.concatStringsSep " " (
      [
        "${lib.getExe cfg.package} captions --seed ${names.seedFile} --keeper unix:${names.captionsKeeperSocket}"
        "--hls-dir ${names.hlsDir} --kept-dir ${names.keptDir} --captions-dir ${names.captionsDir}"
      ]
      ++ each "speech" (serversOf stage)
      ++ each "translate" (lib.mapAttrs (_: translatorOf) stage.captions.translate)
      ++ lib.optional (
        stage.captionsCredentials != [ ]
      ) "--secrets %d --listen unix:${names.captionsPushSocket}"
      ++ lib.optional (hasInterpreters stage) "--inputs unix:${names.captionsInputsSocket}"
      ++ [ "--transcript-dir ${names.transcriptsDir} --status ${stage.captionsStatus}" ]
    );

  unit =
    name: stage:
    let
      inherit (stage) names;
      speechUnits = lib.mapAttrsToList (_: { unit, ... }: "${unit}.service") stage.speechEngines;
      makers = lib.optional (
        stage.captionsCredentials != [ ] && config.systemd.services ? ${names.units.secrets}
      ) "${names.units.secrets}.service";
    in
    lib.nameValuePair names.units.captions {
      description = "Captions of the stage ${name}";
      # Not required: if a secret cannot be made now, this unit fails, starts again, and starts its maker again.
      wants = makers ++ speechUnits;
      # Not after the engines: until one has loaded its model, its track is not offered.
      after = makers ++ [ "${names.units.keeper}.socket" ];
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # Other settings do not count: a new logo interrupts no captions.
      restartTriggers = [
        (builtins.toJSON stage.mergedSeed.captions)
        stage.captionsCredentials
      ];
      # A switch restarts it at once. Players show no captions meanwhile, and the picture goes on.
      stopIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig =
        hardening
        // {
          # A service that hangs is started again. It tells by systemd's own program, so by a process of its own.
          Type = "notify";
          NotifyAccess = "all";
          WatchdogSec = "8s";
          WatchdogSignal = "SIGKILL";
          # For open transcripts. One that hangs does not hold a switch up.
          TimeoutStopSec = "15s";
          ExecStart = commandOf stage;
          Restart = "always";
          RestartSec = "1s";
          User = names.captionsUser;
          Group = names.captionsUser;
          # Segments have the web server's group. Its other files are none of this service's business, so it sees no more of /var and
          # /run/lectern than it needs.
          SupplementaryGroups = cfg.webServer.group;
          TemporaryFileSystem = [
            "/var:ro"
            "/run/lectern:ro"
          ];
          BindReadOnlyPaths = names.cacheDir;
          BindPaths = [
            names.captionsDir
            names.transcriptsDir
          ];
          ReadWritePaths = names.captionsRuntimeDir;
          # Everybody may read captions, because the keeper and the web server must; the folders of sockets and transcripts say who may
          # use those. A socket can be used by its group.
          UMask = "0002";
          # It starts an ffmpeg for the sound of each segment, and gives it a lower priority.
          SystemCallFilter = hardening.SystemCallFilter ++ [ "setpriority" ];
          # If the processors or the memory are short, captions give way and the picture stays.
          CPUWeight = 50;
          Nice = 5;
          OOMPolicy = "continue";
          OOMScoreAdjust = 300;
        }
        // accessTo (lib.attrValues stage.captions.speech ++ lib.attrValues stage.captions.translate)
        // lib.optionalAttrs (stage.captionsCredentials != [ ]) {
          LoadCredential = stage.captionsCredentials;
        };
    };

  userOf = name: stage: {
    ${stage.names.captionsUser} = {
      isSystemUser = true;
      group = stage.names.captionsUser;
      description = "Captions of the stage ${name}";
    };
  };

  foldersOf =
    _: stage:
    let
      inherit (stage.names)
        captionsUser
        captionsRuntimeDir
        captionsDir
        captionsStateDir
        transcriptsDir
        gateUser
        ;
      inherit (cfg.webServer) group;
    in
    [
      "d ${captionsDir} 0755 ${captionsUser} ${captionsUser} -"
      "d ${captionsRuntimeDir} 0755 ${captionsUser} ${captionsUser} -"
      # New sockets get their folder's group.
      "d ${captionsRuntimeDir}/front 2750 ${captionsUser} ${group} -"
      "d ${captionsRuntimeDir}/gate 2750 ${captionsUser} ${gateUser} -"
      "d ${captionsStateDir} 0755 root root -"
    ]
    # Transcripts are for their owner and their folder's group. Those from before a change of the stage file get that group too.
    ++ (
      if isPublished stage then
        [
          "d ${transcriptsDir} 2750 ${captionsUser} ${group} -"
          "Z ${transcriptsDir} - - ${group} -"
        ]
      else
        [
          "d ${transcriptsDir} 0700 ${captionsUser} ${captionsUser} -"
          "Z ${transcriptsDir} - - ${captionsUser} -"
        ]
    );
in
{
  imports = [
    ./options.nix
    ./assertions.nix
    ./engine.nix
  ];

  config = lib.mkIf cfg.enable {
    systemd.services = lib.mapAttrs' unit captioned;
    systemd.tmpfiles.rules = lib.concatLists (lib.mapAttrsToList foldersOf captioned);
    users.users = lib.concatMapAttrs userOf captioned;
    users.groups = lib.mapAttrs (_: _: { }) (lib.concatMapAttrs userOf captioned);
  };
}
