# Proves: a host gets its certificate by ACME, from an authority that checks its name like Let's Encrypt. The host sends the
# declared e-mail address.
{ pkgs }:
let
  inherit (import ./lib/roles.nix { inherit pkgs; })
    commands
    server
    givenSecrets
    camera
    viewer
    authority
    ;
  email = "webmaster@live.test";
  account = "/var/lib/caddy/.local/share/caddy/acme/*/users/${email}/*.json";
  ask = "curl -fsS --cacert /etc/lectern-test/ca.crt https://authority.test";
in
pkgs.testers.runNixOSTest {
  name = "acme-issues-a-certificate";
  nodes = {
    inherit authority camera viewer;
    server =
      { lib, ... }:
      {
        imports = [
          server
          givenSecrets
        ];
        services.lectern.stages.main.tls = lib.mkForce "acme";
        services.caddy = {
          inherit email;
          acmeCA = "https://authority.test:14000/dir";
          globalConfig = "acme_ca_root /etc/lectern-test/ca.crt\n";
        };
      };
  };
  testScript = ''
    authority.wait_for_open_port(15000)
    start_all()
    server.wait_for_unit("lectern-main-config.service")
    camera.wait_for_unit("multi-user.target")
    camera.succeed("systemctl start publish")
    viewer.succeed("${ask}:15000/roots/0 --create-dirs -o /var/lib/lectern-test/root.crt")

    with subtest("a viewer that trusts the authority gets every declared rendition"):
        trusted = "curl -fsS --cacert /var/lib/lectern-test/root.crt https://live.test/api/status"
        viewer.wait_until_succeeds(trusted)
        viewer.succeed("${commands.probeWithAcme}")

    with subtest("the authority knows the e-mail address"):
        server.succeed("grep -F mailto:${email} ${account}")
  '';
}
