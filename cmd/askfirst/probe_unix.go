//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// fromOutside says whether a process ended by a signal that people and service
// managers send, rather than by its own fault.
func fromOutside(exit *exec.ExitError) bool {
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	switch status.Signal() {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}

// limitMemory bounds what this process may map; where that is not possible,
// nothing changes.
func limitMemory(octets uint64) {
	_ = syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: octets, Max: octets})
}
