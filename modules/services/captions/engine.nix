# The speech engine of each language, if this host runs it: a server without a network, which only the captions service reaches.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.lectern;
  hardening = import ../../core/lib/hardening.nix;

  # An archive of a model holds one folder, which fetchzip opens.
  folderOf =
    model:
    if lib.isAttrs model && !lib.isDerivation model then
      pkgs.fetchzip { inherit (model) url hash; }
    else
      model;

  unitOf =
    name: stage: language: here:
    let
      inherit (stage) names;
      inherit (stage.captions) engine models memoryMaxMib;
      program = lib.getExe stage.captions.package;
      model = "${folderOf models.${language}}";
    in
    lib.nameValuePair here.unit {
      description = "Speech engine of the stage ${name} for ${language}";
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) onFailure;
      # A switch restarts it at once: loading a model takes a while.
      stopIfChanged = false;
      startLimitIntervalSec = 0;
      serviceConfig = hardening // {
        # It is up once the model is loaded and clients can connect. A large model takes minutes on a slow disk.
        Type = "notify";
        TimeoutStartSec = "10min";
        # An engine that hangs is started again: captions are to be back within 10 s, and 3 s of them are for noticing. A process beside the
        # engine tells of it, because an engine at work lets no other thread run. An ordinary signal would not end an engine that hangs.
        NotifyAccess = "all";
        WatchdogSec = "3s";
        WatchdogSignal = "SIGKILL";
        TimeoutStopSec = "5s";
        ExecStart = lib.concatStringsSep " " [
          "${program} --engine ${engine} --language ${language} --model ${model}"
          "--listen unix:${here.socket}"
        ];
        Restart = "always";
        RestartSec = "300ms";
        User = names.speechUser;
        # The captions service connects to its socket, and nobody else.
        Group = names.captionsUser;
        RuntimeDirectory = lib.removePrefix "/run/" here.folder;
        RuntimeDirectoryMode = "0750";
        UMask = "0007";
        PrivateNetwork = true;
        RestrictAddressFamilies = "AF_UNIX";
        # The server compares the model with the free memory, and engines read the processor's kind there.
        ProcSubset = "all";
        # Their threads choose processors.
        SystemCallFilter = hardening.SystemCallFilter ++ [ "sched_setaffinity" ];
        MemoryMax = "${toString memoryMaxMib}M";
        # If the processors or the memory are short, captions give way and the picture stays. Units with an "@" would have a slice of
        # their own, with the weight of Owncast.
        Slice = "system.slice";
        CPUWeight = 20;
        Nice = 10;
        OOMScoreAdjust = 500;
      };
    };

  hearing = lib.filterAttrs (_: { speechEngines, ... }: speechEngines != { }) cfg.stages;

  userOf = name: stage: {
    ${stage.names.speechUser} = {
      isSystemUser = true;
      group = stage.names.speechUser;
      description = "Speech engines of the stage ${name}";
    };
  };
in
{
  config = lib.mkIf cfg.enable {
    systemd.services = lib.concatMapAttrs (
      name: stage: lib.mapAttrs' (unitOf name stage) stage.speechEngines
    ) hearing;
    users.users = lib.concatMapAttrs userOf hearing;
    users.groups = lib.mapAttrs (_: _: { }) (lib.concatMapAttrs userOf hearing);
  };
}
