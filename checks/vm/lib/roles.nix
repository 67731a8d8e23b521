# The machines of the VM tests: a server with the stage `main` at live.test, and in some tests `second` at two.test; a camera,
# a viewer, and an authority for ACME.
{ pkgs }:
let
  inherit (pkgs) lib;
  commands = lib.importJSON ../commands.json;

  certificates = pkgs.runCommand "certificates-for-tests" {
    nativeBuildInputs = [ pkgs.openssl ];
  } "mkdir $out && sh ${./make-certificates.sh} $out";

  # Every machine has `lectern` on the path, resolves the stage's name, and trusts the authority of its certificate.
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

  # Every stage of a server finds the secrets of `givenSecrets` here.
  given = lib.genAttrs [ "admin-password" "stream-key" ] (name: {
    file = "/etc/lectern-test/secrets/${name}";
  });

  # The key is in the store: acceptable in tests alone.
  streamKey.environment.etc."lectern-test/secrets/stream-key".text = "the-stream-key-of-the-checks\n";
  # The stage's token, for its server and for the crowd, and another one.
  rehearsalToken.environment.etc = {
    "lectern-test/secrets/rehearsal-token".text = "the-rehearsal-token-of-the-checks\n";
    "lectern-test/wrong-token".text = "the-rehearsal-token-of-nobody\n";
  };
  edgeSecret.environment.etc."lectern-test/secrets/edge-secret".text =
    "the-secret-of-the-edges-of-the-checks\n";
in
{
  inherit commands rehearsalToken;

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

  # The secret that a server and its edge share.
  knowsEdges = {
    imports = [ edgeSecret ];
    services.lectern.edgeSecret.file = "/etc/lectern-test/secrets/edge-secret";
  };

  # An edge of the stage `main`, at two.test.
  edge = {
    imports = [
      anybody
      edgeSecret
    ];
    services.lectern.edge = {
      enable = true;
      domain = "two.test";
      origin = {
        url = "https://live.test";
        authorities = "/etc/lectern-test/ca.crt";
      };
      secret.file = "/etc/lectern-test/secrets/edge-secret";
      tls = ownCertificate;
    };
    environment.etc = {
      "lectern-test/certificate.pem".source = "${certificates}/certificate.pem";
      "lectern-test/key.pem".source = "${certificates}/key.pem";
    };
  };

  # A viewer for whom two.test is the edge, with the stage's own seed.
  edgesViewer =
    { nodes, ... }:
    {
      imports = [ anybody ];
      networking.hosts = lib.mkForce {
        ${nodes.edge.networking.primaryIPAddress} = [ "two.test" ];
      };
      environment.etc."lectern/second.json".source = ./main.json;
    };

  # By default the server generates these secrets, but a camera must know one of them.
  givenSecrets = {
    imports = [ streamKey ];
    environment.etc."lectern-test/secrets/admin-password".text = "the-admin-password-of-the-checks\n";
    services.lectern.stages.main.secrets = given;
  };

  allowsRehearsals = {
    imports = [ rehearsalToken ];
    services.lectern.stages.main = {
      settings.rehearsal.enable = true;
      secrets.rehearsal-token.file = "/etc/lectern-test/secrets/rehearsal-token";
    };
  };

  # Captions by pocketsphinx, with the English model of its package.
  hearsEnglish =
    { pkgs, ... }:
    {
      services.lectern.stages.main = {
        settings.captions.tracks = [
          {
            language = "en";
            source = "speech";
          }
        ];
        captions = {
          engine = "pocketsphinx";
          models.en = "${pkgs.pocketsphinx.data}/share/pocketsphinx/model/en-us";
        };
      };
    };

  # The second stage has the same given secrets, and ports of its own.
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

  # It connects once: a test starts it when the server is up.
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

  # It speaks English instead of its tone.
  speakingCamera =
    { config, ... }:
    {
      imports = [
        anybody
        streamKey
      ];
      virtualisation.cores = 2;
      environment.etc."lectern-test/speech.txt".source = ./speech.txt;
      systemd.services.publish = {
        path = [ config.services.lectern.package ];
        script = commands.publishSpeech;
      };
    };

  viewer = {
    imports = [ anybody ];
    environment.etc = {
      "lectern/main.json".source = ./main.json;
      "lectern/second.json".source = ./second.json;
    };
  };

  # Pebble checks a name on the standard ports, and serves its root certificate on port 15000.
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
      # By default it waits up to 15 s before it checks, and refuses some requests at random.
      environment = {
        PEBBLE_VA_NOSLEEP = "1";
        PEBBLE_WFE_NONCEREJECT = "0";
      };
      script = "exec ${pkgs.pebble}/bin/pebble -config /etc/lectern-test/pebble.json";
    };
  };
}
