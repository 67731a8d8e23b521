# The names that follow from a stage's name: users, folders, units. All Nix code and, by /etc/lectern/stages.json, `lectern` use these.
name: {
  user = "lectern-${name}";
  # The gate has a user of its own, by which the firewall knows it. A user name has at most 31 characters.
  gateUser = "gate-${name}";
  stateDir = "/var/lib/lectern/${name}";
  secretsDir = "/var/lib/lectern-secrets/${name}";
  cacheDir = "/var/cache/lectern/${name}";
  hlsDir = "/var/cache/lectern/${name}/hls";
  # The keeper's segments and state. Under the same mount as Owncast's folder, because hard links cannot cross mounts.
  keptDir = "/var/cache/lectern/${name}/hls-kept";
  keeperSocket = "/run/lectern/${name}-keeper.sock";
  # Each unit's file named by its declaration is in one of these folders. systemd removes the folder when the unit stops.
  keeperSocketRuntimeDir = "/run/keeper-socket-${name}";
  seedFile = "/etc/lectern/${name}.json";
  runtimeDir = "/run/owncast-${name}";
  gateRuntimeDir = "/run/gate-${name}";
  gateStatusSocket = "/run/gate-${name}/status.sock";
  # The stream keys, for the gate's user alone. A folder of its own, because they stay when the gate restarts.
  gateKeysDir = "/run/lectern/${name}-gate-keys";
  # What proves the viewers' password, for the web server.
  viewersDir = "/run/lectern/${name}-viewers";
  # The rehearsal token, for the web server.
  rehearsalDir = "/run/lectern/${name}-rehearsal";

  # Steering to edges. The control socket is for root; the web server connects to the other one.
  steerUser = "steer-${name}";
  steerRuntimeDir = "/run/steer-${name}";
  steerSocket = "/run/steer-${name}/players.sock";
  steerControlSocket = "/run/steer-${name}/control.sock";
  edgesOrderFile = "/run/steer-${name}/order";
  steerStateDir = "/var/lib/steer-${name}";
  # In a folder of its own, because a stage may have any name beside stages.json.
  edgesFile = "/etc/lectern/edges/${name}.json";

  # Captions. Each socket's folder has the group of the one program that connects to it.
  captionsUser = "captions-${name}";
  captionsRuntimeDir = "/run/captions-${name}";
  captionsPushSocket = "/run/captions-${name}/front/push.sock";
  captionsInputsSocket = "/run/captions-${name}/gate/inputs.sock";
  captionsStatusSocket = "/run/captions-${name}/status.sock";
  # The keeper's socket again. In another folder, because the service must not see the doors' secrets in /run/lectern.
  captionsKeeperSocket = "/run/keeper-socket-${name}/captions.sock";
  captionsDir = "/var/cache/lectern/${name}/captions";
  captionsStateDir = "/var/lib/captions-${name}";
  transcriptsDir = "/var/lib/captions-${name}/transcripts";
  speechUser = "speech-${name}";
  # Below it, each language's engine has a folder.
  speechDir = "/run/lectern-speech/${name}";

  units = {
    secrets = "lectern-${name}-secrets";
    bootstrap = "lectern-${name}-bootstrap";
    server = "owncast-${name}";
    restart = "lectern-${name}-restart";
    config = "lectern-${name}-config";
    keeper = "lectern-${name}-keeper";
    keeperUpdate = "lectern-${name}-keeper-update";
    gate = "lectern-${name}-gate";
    # No unit's name may be another's plus a last word in use: the stages "main" and "main-gate" would share a unit.
    gateKeys = "lectern-${name}-gate-keys";
    gateUpdate = "lectern-${name}-gate-update";
    steer = "lectern-${name}-steer";
    viewers = "lectern-${name}-viewers";
    rehearsal = "lectern-${name}-rehearsal";
    memory = "lectern-${name}-memory";
    captions = "lectern-${name}-captions";
  };
}
