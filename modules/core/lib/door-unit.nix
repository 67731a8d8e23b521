# A unit that gives the web server the secret of one of a stage's doors: it writes a file below /run that the site imports, and
# reloads the server.
# Without the file nobody is let in.
{ config, lib }:
let
  cfg = config.services.lectern;
  inherit (cfg.webServer) unit group;
  systemctl = lib.getExe' config.systemd.package "systemctl";
in
{
  description,
  # The units of the stage; null for a door of the whole host.
  units ? null,
  # The command of `lectern` with the option that takes the secret's file.
  command,
  # The form of the file that it writes. Without the option it writes Caddy's.
  form ? lib.optionalString (cfg.front == "nginx") " --for nginx",
  # The secret's name as a credential, and its file.
  secret,
  file,
  # The folder that the site imports.
  folder,
  # What becomes of that folder when the unit stops; see systemd.exec(5).
  preserve,
  # Units that make the secret.
  makers ? [ ],
}:
let
  appliers = lib.optional (units != null) "${units.config}.service";
in
{
  inherit description;
  # A failed maker must not keep this unit from closing the door.
  wants = makers;
  # After the web server, because it reloads that and fails if the reload fails. The server does not need this unit: without it, the
  # door is closed.
  after = [ unit ] ++ makers;
  # A replaced secret takes effect at the next restart of that unit, as all secrets do. That restart also starts this unit if it has
  # failed.
  wantedBy = [ "multi-user.target" ] ++ appliers;
  partOf = appliers;
  inherit (cfg) onFailure;
  serviceConfig = import ./lectern-hardening.nix // {
    Type = "oneshot";
    RemainAfterExit = true;
    # As root, because systemd obeys nobody else; without root's powers. The web server may read the file, and not change it.
    ExecStart = lib.concatStringsSep " " [
      "${lib.getExe cfg.package} ${command} %d/${secret} --to ${folder}${form}"
      "-- ${systemctl} try-reload-or-restart ${unit}"
    ];
    Group = group;
    LoadCredential = "${secret}:${file}";
    # If the file is missing, the unit gets this empty line: it closes the door and fails.
    SetCredential = "${secret}:\\n";
    RuntimeDirectory = lib.removePrefix "/run/" folder;
    RuntimeDirectoryMode = "0750";
    RuntimeDirectoryPreserve = preserve;
    UMask = "0027";
    PrivateNetwork = true;
    RestrictAddressFamilies = "AF_UNIX";
  };
}
