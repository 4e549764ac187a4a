//go:build !linux && !darwin

package main

// freeSpace is not asked here.
func freeSpace(string) (bytes uint64, known bool) { return 0, false }
