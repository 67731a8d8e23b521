# The same host with HTTP/3 and a second stage, which declares all: aliases, ports, networks, given secrets.
{
  imports = [ ./one.nix ];

  services.lectern.http3.enable = true;

  services.lectern.stages.second = {
    domain = "two.test";
    aliases = [
      "www.two.test"
      "zwei.test"
    ];
    tls = "internal";
    seed = ./stage.json;
    ports = {
      web = 8081;
      admin = 8881;
      keeper = 8090;
      rtmp = 1936;
      owncastRtmp = 19351;
    };
    admin.allow = [
      "10.0.0.0/8"
      "fd00::/8"
    ];
    ingest.allow = [
      "10.0.0.0/8"
      "fd00::/8"
    ];
    secrets.stream-key.file = "/run/secrets/second-stream-key";
  };
}
