# The machines of the VM tests: a server with the stage `main` at live.test, and maybe `second` at two.test; a camera, a viewer,
# an authority for ACME.
{ pkgs }:
let
  inherit (pkgs) lib;
  commands = lib.importJSON ../commands.json;

  certificates = pkgs.runCommand "certificates-for-tests" {
    nativeBuildInputs = [ pkgs.openssl ];
  } "mkdir $out && sh ${./make-certificates.sh} $out";

  # Everybody finds `lectern` on the path, the name, and the authority that its certificate is from.
  anybody =
    { nodes, ... }:
    {
      imports = [ ../../../modules ];
      services.lectern.enable = true;
      networking.hosts = {
        ${nodes.server.networking.primaryIPAddress} = [
          "live.test"
          "two.test"
        ];
      }
      // lib.optionalAttrs (nodes ? authority) {
        ${nodes.authority.networking.primaryIPAddress} = [ "authority.test" ];
      };
      environment.etc = {
        "lectern-test/ca.crt".source = "${certificates}/ca.crt";
        "lectern-test/public-key".text = "abc123\n";
      };
    };

  ownCertificate = {
    certificate = "/etc/lectern-test/certificate.pem";
    key = "/etc/lectern-test/key.pem";
  };

  # Where every stage of a server finds what `givenSecrets` puts there.
  given = lib.genAttrs [ "admin-password" "stream-key" ] (name: {
    file = "/etc/lectern-test/secrets/${name}";
  });

  # In the store, and so for tests alone.
  streamKey.environment.etc."lectern-test/secrets/stream-key".text = "the-stream-key-of-the-checks\n";
in
{
  inherit commands;

  server = {
    imports = [ anybody ];
    virtualisation = {
      cores = 2;
      memorySize = 2048;
    };
    services.lectern.stages.main = {
      domain = "live.test";
      seed = ./main.json;
      tls = ownCertificate;
    };
    environment.etc = {
      "lectern-test/certificate.pem".source = "${certificates}/certificate.pem";
      "lectern-test/key.pem".source = "${certificates}/key.pem";
    };
  };

  # The secrets that the server has otherwise made itself: a camera has to know one of them.
  givenSecrets = {
    imports = [ streamKey ];
    environment.etc."lectern-test/secrets/admin-password".text = "the-admin-password-of-the-checks\n";
    services.lectern.stages.main.secrets = given;
  };

  # Beside the first, with the same given secrets and ports of its own.
  second.services.lectern.stages.second = {
    domain = "two.test";
    seed = ./second.json;
    tls = ownCertificate;
    secrets = given;
    ports = {
      admin = 8881;
      web = 8081;
      rtmp = 1936;
      owncastRtmp = 19351;
    };
  };

  # It connects once: started when the server is there.
  camera =
    { config, ... }:
    {
      imports = [
        anybody
        streamKey
      ];
      virtualisation.cores = 2;
      systemd.services.publish = {
        path = [ config.services.lectern.package ];
        script = commands.publish;
      };
    };

  viewer = {
    imports = [ anybody ];
    environment.etc = {
      "lectern/main.json".source = ./main.json;
      "lectern/second.json".source = ./second.json;
    };
  };

  # Pebble: it looks at the standard ports of where a name leads, and gives out its root on port 15000.
  authority = {
    imports = [ anybody ];
    environment.etc."lectern-test/pebble.json".text = lib.toJSON {
      pebble = {
        listenAddress = "0.0.0.0:14000";
        managementListenAddress = "0.0.0.0:15000";
        certificate = "${certificates}/certificate.pem";
        privateKey = "${certificates}/key.pem";
        httpPort = 80;
        tlsPort = 443;
        profiles.default.validityPeriod = 86400;
      };
    };
    networking.firewall.allowedTCPPorts = [
      14000
      15000
    ];
    systemd.services.pebble = {
      wantedBy = [ "multi-user.target" ];
      # Left to itself it waits up to 15 s before it looks, and turns down some requests at random.
      environment = {
        PEBBLE_VA_NOSLEEP = "1";
        PEBBLE_WFE_NONCEREJECT = "0";
      };
      script = "exec ${pkgs.pebble}/bin/pebble -config /etc/lectern-test/pebble.json";
    };
  };
}
