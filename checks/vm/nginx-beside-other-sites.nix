# Proves: a host's nginx serves a stage beside the host's other site. The stage plays and holds a crowd, and the other site stays as it was.
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
  name = "nginx-beside-other-sites";
  nodes = {
    inherit camera;
    server = {
      imports = [
        server
        givenSecrets
        allowsRehearsals
      ];
      services.lectern.front = "nginx";
      services.nginx.virtualHosts."other.test".locations."/".return = ''200 "the other site"'';
    };
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

    with subtest("a viewer gets every declared rendition over TLS"):
        crowd.succeed("${commands.probe}")
        server.succeed("${commands.plan}")

    with subtest("the other site answers as before, also to a name that the host does not know"):
        for name in ["other.test", "unknown.test"]:
            assert crowd.succeed(f"curl -fsS -H Host:{name} http://live.test/") == "the other site"

    with subtest("a crowd with the stage's token comes, and the stage holds"):
        assert crowd.execute("${commands.rehearseWithWrongToken}")[0] == 77
        assert "holds: 20 viewers" in crowd.succeed("${commands.rehearse}")

    with subtest("Caddy is not there"):
        server.fail("systemctl cat caddy.service")
  '';
}
