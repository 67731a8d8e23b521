// A line between two network namespaces, with delay, loss, a rate and a queue: how a viewer far away is reached.
module lectern/tools/far-link

go 1.25.0

require golang.org/x/sys v0.35.0
