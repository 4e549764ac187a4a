//go:build !linux && !darwin

package main

// freeSpace is not asked here.
func freeSpace(string) (free, total uint64, known bool) { return 0, 0, false }
