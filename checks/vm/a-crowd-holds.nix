# Proves: a crowd that shows the stage's token may rehearse it, and the stage holds. Another token is refused.
# The command's limits are wide, because virtual machines are slow: every viewer must play, with hardly a failed request.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    allowsRehearsals
    camera
    viewer
    rehearsalToken
    ;
in
pkgs.testers.runNixOSTest {
  name = "a-crowd-holds";
  nodes = {
    inherit camera;
    server.imports = [
      server
      givenSecrets
      allowsRehearsals
    ];
    crowd.imports = [
      viewer
      rehearsalToken
    ];
  };
  testScript = ''
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    server.wait_for_unit("lectern-main-rehearsal.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    crowd.succeed("${commands.probe}")

    with subtest("without the stage's token a rehearsal is refused"):
        assert crowd.execute("${commands.rehearseWithWrongToken}")[0] == 77

    with subtest("with the token the crowd comes, and the stage holds"):
        assert "holds: 20 viewers" in crowd.succeed("${commands.rehearse}")
  '';
}
