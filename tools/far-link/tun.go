package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// openTun makes a TUN device in a network namespace. It carries plain IP packets, none longer than the device's MTU and each
// with its whole checksum, for it has no offloads.
func openTun(namespace, device string) (*os.File, error) {
	request, err := unix.NewIfreq(device)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", device, err)
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	var file *os.File
	err = inNamespace(namespace, func() error {
		descriptor, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("/dev/net/tun: %w", err)
		}
		if err := unix.IoctlIfreq(descriptor, unix.TUNSETIFF, request); err != nil {
			return fmt.Errorf("making the device: %w", err)
		}
		// Only now may Go's poller see the descriptor: before TUNSETIFF, epoll would keep an error for good.
		if err := unix.SetNonblock(descriptor, true); err != nil {
			return err
		}
		file = os.NewFile(uintptr(descriptor), device)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", device, namespace, err)
	}
	return file, nil
}

// inNamespace runs work on a thread of its own in that namespace. The thread ends with it.
func inNamespace(path string, work func() error) error {
	done := make(chan error, 1)
	go func() {
		// Never unlocked: so Go ends the thread instead of using it, in the wrong namespace, for something else.
		runtime.LockOSThread()
		namespace, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			done <- err
			return
		}
		defer unix.Close(namespace)
		if err := unix.Setns(namespace, unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("entering the namespace: %w", err)
			return
		}
		done <- work()
	}()
	return <-done
}
