//go:build linux || darwin

package main

import "syscall"

// freeSpace is how much an ordinary user may still write to a folder's disk, and
// how large the disk is.
func freeSpace(folder string) (free, total uint64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil || s.Bsize <= 0 {
		return 0, 0, false
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), true
}
