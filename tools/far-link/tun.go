package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// deviceRequest is the kernel's struct ifreq, as far as TUNSETIFF reads it.
type deviceRequest struct {
	name  [syscall.IFNAMSIZ]byte
	flags uint16
	_     [22]byte
}

// openTun makes a TUN device in a network namespace. It carries plain IP packets, none longer than the device's MTU and each
// with its whole checksum, for it has no offloads.
func openTun(namespace, device string) (*os.File, error) {
	request := deviceRequest{flags: syscall.IFF_TUN | syscall.IFF_NO_PI}
	// The name ends with a zero byte.
	if device == "" || len(device) >= len(request.name) {
		return nil, fmt.Errorf("-device must have from 1 to %d letters", len(request.name)-1)
	}
	copy(request.name[:], device)
	var file *os.File
	err := inNamespace(namespace, func() error {
		descriptor, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("/dev/net/tun: %w", err)
		}
		pointer := uintptr(unsafe.Pointer(&request))
		if _, _, failed := syscall.Syscall(syscall.SYS_IOCTL, uintptr(descriptor), syscall.TUNSETIFF, pointer); failed != 0 {
			return fmt.Errorf("making the device: %w", failed)
		}
		// Only now may Go's poller see the descriptor: before TUNSETIFF, epoll would keep an error for good.
		if err := syscall.SetNonblock(descriptor, true); err != nil {
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
		namespace, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			done <- err
			return
		}
		defer syscall.Close(namespace)
		if _, _, failed := syscall.RawSyscall(setns, uintptr(namespace), syscall.CLONE_NEWNET, 0); failed != 0 {
			done <- fmt.Errorf("entering the namespace: %w", failed)
			return
		}
		done <- work()
	}()
	return <-done
}
