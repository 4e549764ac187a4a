package store

import (
	"bytes"
	"testing"
	"time"
)

// Settings are kept as they were read, whatever their bytes, and the same once
// more writes nothing.
func TestKeptSettings(t *testing.T) {
	b := newScene(t, "2026-11-22 12:00").Book
	if _, known, err := b.KeptSettings(t.Context()); known || err != nil {
		t.Fatal(known, err)
	}
	k := Kept{Path: "/etc/af/config.yaml", Text: bytes.Repeat([]byte("a\x00\xff"), 1<<20), Staff: []byte("Zo\xeb"), At: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	for range 2 {
		if err := b.KeepSettings(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		got, known, err := b.KeptSettings(t.Context())
		if err != nil || !known || got.Path != k.Path || !bytes.Equal(got.Text, k.Text) || !bytes.Equal(got.Staff, k.Staff) || !got.At.Equal(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)) {
			t.Fatalf("%v %v %v", got.Path, known, err)
		}
		k.At = k.At.Add(time.Hour)
	}
}
