# What follows from a stage's name alone: its user, its places, its units. Nothing here depends on other stages.
name: {
  user = "lectern-${name}";
  # The gate's: another one, for the firewall tells the gate from all others by its user. 31 characters are the most.
  gateUser = "gate-${name}";
  stateDir = "/var/lib/lectern/${name}";
  secretsDir = "/var/lib/lectern-secrets/${name}";
  cacheDir = "/var/cache/lectern/${name}";
  hlsDir = "/var/cache/lectern/${name}/hls";
  # What the keeper holds; beside the other, and under one mount, so that hard links can lead from one to the other.
  keptDir = "/var/cache/lectern/${name}/hls-kept";
  keeperSocket = "/run/lectern/${name}-keeper.sock";
  # Removed by systemd when the socket closes: what is in it is said of the socket that is open.
  keeperSocketRuntimeDir = "/run/keeper-socket-${name}";
  seedFile = "/etc/lectern/${name}.json";
  # Removed by systemd when the server stops: what is in it is said of the server that runs.
  runtimeDir = "/run/owncast-${name}";
  # The same for the gate that runs.
  gateRuntimeDir = "/run/gate-${name}";
  gateStatusSocket = "/run/gate-${name}/status.sock";
  # The stream keys, for the gate's user alone. Not in the folder above: they stay when the gate restarts.
  gateKeysDir = "/run/lectern/${name}-gate-keys";
  # What Caddy needs to know of the viewers' password.
  viewersDir = "/run/lectern/${name}-viewers";

  units = {
    secrets = "lectern-${name}-secrets";
    bootstrap = "lectern-${name}-bootstrap";
    server = "owncast-${name}";
    restart = "lectern-${name}-restart";
    config = "lectern-${name}-config";
    keeper = "lectern-${name}-keeper";
    keeperUpdate = "lectern-${name}-keeper-update";
    gate = "lectern-${name}-gate";
    # The last word is no other unit's: else the stage "main" and a stage "main-gate" would share a unit.
    gateKeys = "lectern-${name}-gate-keys";
    gateUpdate = "lectern-${name}-gate-update";
    viewers = "lectern-${name}-viewers";
  };
}
