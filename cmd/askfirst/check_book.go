package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A digest to a thousand people is some tens of megabytes of letters, so a disk
// with less than a gigabyte deserves a word in time.
const (
	spaceWarning = 1 << 30
	spaceProblem = 64 << 20
)

// checkBook looks at the folder and the file of the book, and opens it with
// open when it exists.
func checkBook(ctx context.Context, path string, open func(context.Context) error) []Finding {
	folder := filepath.Dir(path)
	trouble := func(remedy, format string, args ...any) []Finding {
		return []Finding{{Severity: SeverityProblem, What: "book", Cause: fmt.Sprintf(format, args...), Remedy: remedy}}
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return trouble("create it, owned by the user of this service", "there is no folder %s", folder)
	case err != nil || !info.IsDir():
		return trouble("name another place with store.url", "%s is not a folder that can be used", folder)
	}
	// Beside the book lie its journal and its lock, so the folder itself must
	// be writable.
	probe, err := os.CreateTemp(folder, ".askfirst-check-*")
	if err != nil {
		return trouble("give the folder to the user of this service", "nothing can be written to the folder %s", folder)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return trouble("give the folder to the user of this service", "nothing can be removed from the folder %s", folder)
	}
	var findings []Finding
	if free, _, known := freeSpace(folder); known && free < spaceProblem {
		findings = trouble("make room: mail stays on the server when it cannot be kept", "only %d MiB are free in %s", free>>20, folder)
	} else if known && free < spaceWarning {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "book", Cause: fmt.Sprintf("only %d MiB are free in %s", free>>20, folder), Remedy: "make room in time"})
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return append(findings, Finding{Severity: SeverityOK, What: "book", Cause: fmt.Sprintf("%s does not exist yet, the first run creates it", path)})
	case err != nil:
		return append(findings, trouble("give the file to the user of this service", "%s can not be opened for reading and writing", path)...)
	}
	file.Close()
	if info, err := os.Stat(path); err == nil && os.PathSeparator == '/' && info.Mode().Perm()&0o077 != 0 {
		findings = append(findings, Finding{Severity: SeverityWarning, What: "book", Remedy: "chmod 600 " + path,
			Cause: fmt.Sprintf("%s holds everybody's words and can be read by other users of this machine (mode %04o)", path, info.Mode().Perm())})
	}
	if open != nil {
		if err := open(ctx); err != nil {
			return append(findings, trouble("keep the file as it is, and restore a backup beside it if it stays unreadable", "%s: %v", path, err)...)
		}
	}
	return append(findings, Finding{Severity: SeverityOK, What: "book", Cause: path + " opens"})
}
