package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Kept are the settings that were last in force, as they were read: a daemon that
// is started while their file is half saved goes on with them. They hold the
// staff list, so whoever is forgotten must be forgotten here too.
type Kept struct {
	Path  string    `json:"path"`  // of the file
	Text  []byte    `json:"text"`  // what stood in it
	Staff []byte    `json:"staff"` // what stood in the staff list that it names, if it does
	At    time.Time `json:"at"`
}

// keptName is the row of the book that holds them.
const keptName = "settings"

// KeepSettings remembers the settings that are in force; the same once more
// writes nothing.
func (b *Book) KeepSettings(ctx context.Context, k Kept) error {
	before, known, err := b.KeptSettings(ctx)
	if err != nil {
		return err
	}
	if known && before.Path == k.Path && bytes.Equal(before.Text, k.Text) && bytes.Equal(before.Staff, k.Staff) {
		return nil
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return b.setRow(ctx, keptName, base64.StdEncoding.EncodeToString(small.Bytes()))
}

// KeptSettings are the settings that were last in force; known is false where
// none were kept.
func (b *Book) KeptSettings(ctx context.Context) (k Kept, known bool, err error) {
	value, err := b.row(ctx, keptName)
	if err != nil || value == "" {
		return Kept{}, false, err
	}
	small, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return Kept{}, false, fmt.Errorf("settings: %w", err)
	}
	r, err := gzip.NewReader(bytes.NewReader(small))
	if err != nil {
		return Kept{}, false, fmt.Errorf("settings: %w", err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return Kept{}, false, fmt.Errorf("settings: %w", err)
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return Kept{}, false, fmt.Errorf("settings: %w", err)
	}
	return k, true, nil
}
