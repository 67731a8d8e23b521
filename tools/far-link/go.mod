// A line between two network namespaces, with delay, loss, a rate and a queue: how a viewer far away is reached.
// It needs only Go's standard library, so that the Nix package of Lectern can have it without a list of modules.
module lectern/tools/far-link

go 1.25.0
