# Proves: viewers do not notice a short loss of the camera: the playlist goes on over one discontinuity.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    camera
    viewer
    ;
in
pkgs.testers.runNixOSTest {
  name = "short-drop-keeps-viewers";
  nodes = {
    server.imports = [
      server
      givenSecrets
    ];
    camera = {
      imports = [ camera ];
      # Owncast refuses a publisher until it notices that the previous one has gone.
      systemd.services.publish = {
        startLimitIntervalSec = 0;
        serviceConfig = {
          Restart = "on-failure";
          RestartSec = 1;
        };
      };
    };
    viewer = {
      imports = [ viewer ];
      systemd.services.follow = {
        path = [
          pkgs.bash
          pkgs.curl
        ];
        script = commands.follow;
      };
    };
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    viewer.succeed("${commands.probe}")
    viewer.succeed("systemctl start follow")
    viewer.wait_for_file("/var/lib/answers")
    camera.succeed("systemctl restart publish")

    with subtest("the camera's next session is in the same playlist, and viewers see it"):
        viewer.wait_until_succeeds("${commands.answersGoOn}")
        viewer.succeed("${commands.probe}")

    with subtest("every playlist arrived, none ended the stream, and none went back"):
        viewer.require_unit_state("follow.service")
        viewer.fail("${commands.answersStop}")
        viewer.succeed("${commands.answersInOrder}")
  '';
}
