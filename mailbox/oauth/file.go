package oauth

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const maximumFile = 64 << 10

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maximumFile+1))
	if err != nil {
		return nil, reason(err)
	}
	if len(raw) > maximumFile {
		return nil, fmt.Errorf("it is larger than %d KiB", maximumFile>>10)
	}
	return raw, nil
}

// reason is an error without the path, which the caller names.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// readLine is a file of one line.
func readLine(path string) (string, error) {
	raw, err := readBounded(path)
	if err != nil {
		return "", err
	}
	line := strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff"))
	switch {
	case line == "":
		return "", errors.New("it is empty")
	case strings.ContainsAny(line, " \t\r\n\x00"):
		return "", errors.New("it holds more than the token")
	}
	return line, nil
}

// writable says before anything is asked whether the file could be replaced.
func writable(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".refresh-*")
	if err != nil {
		return reason(err)
	}
	file.Close()
	return os.Remove(file.Name())
}

// replace writes the file anew and returns when the disk has it: whoever reads
// it at any moment finds the old token or the new one.
func replace(path, token string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".refresh-*") // with mode 0600
	if err != nil {
		return reason(err)
	}
	_, err = file.WriteString(token + "\n")
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return reason(err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}
