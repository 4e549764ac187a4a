package main

import (
	"errors"
	"path/filepath"

	"askfirst/store"
)

// sealKeys are where the key of anonymous asks may lie: beside the settings, or
// beside the book where the settings belong to somebody else.
func sealKeys(config *Config) []string {
	paths := []string{filepath.Join(config.Dir, store.SealKeyName)}
	if beside := filepath.Join(filepath.Dir(config.Book), store.SealKeyName); beside != paths[0] {
		paths = append(paths, beside)
	}
	return paths
}

// sealFault gives a missing key its exit code: somebody has to put it back.
func sealFault(err error) error {
	if errors.Is(err, store.ErrSealKey) {
		return unusable{err}
	}
	return err
}
